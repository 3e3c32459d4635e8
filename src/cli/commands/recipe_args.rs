//! The options of `mobilenet train` that say how a head is fitted.

use crate::commands::choice::{CLASS_WEIGHTS, LAYERS, SCHEDULES, one_of, word};
use mobilenet_core::Error;
use mobilenet_core::fit::{ClassWeights, Ingredients, Layers, Recipe, Schedule};

#[derive(clap::Args)]
#[command(next_help_heading = "Recipe")]
pub struct RecipeArgs {
    /// Seed of everything random: the same seed gives the same bytes.
    #[arg(long, default_value_t = Ingredients::default().seed)]
    pub seed: u32,
    /// From which layers the head takes its features.
    #[arg(long, value_parser = one_of(LAYERS), default_value = word(LAYERS, &Ingredients::default().features))]
    features: Layers,
    /// Epochs at the most.
    #[arg(long, default_value_t = Ingredients::default().epochs)]
    epochs: usize,
    /// Epochs without a lower validation loss before it stops.
    #[arg(long, default_value_t = Ingredients::default().patience)]
    patience: usize,
    /// Embeddings a step.
    #[arg(long, default_value_t = Ingredients::default().batch)]
    batch: usize,
    /// Adam's step when fitting starts.
    #[arg(long, default_value_t = Ingredients::default().learning_rate)]
    learning_rate: f32,
    /// How Adam's step goes on: it stays, falls along a cosine over all epochs, or is halved by each epoch that does
    /// not help.
    #[arg(long, value_parser = one_of(SCHEDULES), default_value = word(SCHEDULES, &Ingredients::default().schedule))]
    schedule: Schedule,
    /// Share of each weight, times Adam's step, that every step takes off (AdamW).
    #[arg(long, default_value_t = Ingredients::default().weight_decay)]
    weight_decay: f32,
    /// Share of an embedding that a step does not see.
    #[arg(long, default_value_t = Ingredients::default().dropout)]
    dropout: f32,
    /// Share of the truth that is spread over all classes.
    #[arg(long, default_value_t = Ingredients::default().label_smoothing)]
    label_smoothing: f32,
    /// How much a class counts: by its pictures, or as much as any other.
    #[arg(long, value_parser = one_of(CLASS_WEIGHTS), default_value = word(CLASS_WEIGHTS, &Ingredients::default().class_weights))]
    class_weights: ClassWeights,
}

impl RecipeArgs {
    pub fn recipe(&self) -> Result<Recipe, Error> {
        Recipe::new(Ingredients {
            features: self.features,
            seed: self.seed,
            dropout: self.dropout,
            learning_rate: self.learning_rate,
            schedule: self.schedule,
            weight_decay: self.weight_decay,
            label_smoothing: self.label_smoothing,
            class_weights: self.class_weights,
            batch: self.batch,
            epochs: self.epochs,
            patience: self.patience,
        })
    }
}
