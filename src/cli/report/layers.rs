//! The summary of a model, layer by layer, as Keras prints it.

use super::table::table;
use mobilenet_core::head::Head;
use mobilenet_core::network::Backbone;

/// Numbers that batch normalisation holds for a channel: scale, shift, mean, variance. Folding leaves one, the bias.
const BATCH_NORM: usize = 4;

/// The layers of a backbone and, where there is one, of a head, with the totals.
pub fn summary(backbone: &Backbone, head: Option<&Head>) -> String {
    let layers = backbone.architecture().layers();
    let side = backbone.input().side;
    let mut rows = vec![["layer", "kind", "output shape", "parameters"].map(String::from).to_vec()];
    rows.push(vec!["input".into(), "u8 RGB".into(), format!("{side} x {side} x 3"), "0".into()]);
    for layer in &layers {
        let side = layer.windows.out_side;
        let kind = format!("{:?}{}", layer.kind, if layer.residual { " + skip" } else { "" });
        let shape = format!("{side} x {side} x {}", layer.outputs);
        rows.push(vec![layer.name.clone(), kind.to_lowercase(), shape, grouped(layer.weight_len() + layer.outputs)]);
    }
    let embedding = backbone.architecture().embedding_len();
    rows.push(vec!["embedding".into(), "averages".into(), embedding.to_string(), "0".into()]);
    let weights: usize = layers.iter().map(|layer| layer.weight_len()).sum();
    let channels: usize = layers.iter().map(|layer| layer.outputs).sum();
    let frozen = weights + channels;
    let trainable = head.map_or(0, |head| head.weight().len() + head.bias().len());
    if let Some(head) = head {
        let classes = head.labels().len();
        let features = head.features().count().to_string();
        rows.push(vec!["features".into(), "those it reads".into(), features.clone(), "0".into()]);
        rows.push(vec!["dropout".into(), "training only".into(), features, "0".into()]);
        rows.push(vec!["head".into(), "dense, softmax".into(), classes.to_string(), grouped(trainable)]);
    }
    let before = weights + BATCH_NORM * channels;
    let (total, trainable) = (grouped(frozen + trainable), grouped(trainable));
    let (frozen, before) = (grouped(frozen), grouped(before));
    format!(
        "{}\nparameters            {total}\n  trainable (head)    {trainable}\n  frozen (backbone)   {frozen}\n\n\
         The backbone had {before} parameters before its batch normalisation was folded: {BATCH_NORM} numbers a channel\n\
         became 1, the bias.\n",
        table(&rows)
    )
}

/// Digits in groups of three.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([7, 999, 1000, 2_257_984].map(grouped), ["7", "999", "1,000", "2,257,984"]);
    }
}
