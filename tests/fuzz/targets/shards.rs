//! Parquet files of embeddings, as any machine may have made them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mobilenet_fuzz::{expect_code, scratch, seeds};
use mobilenet_core::base::panic_guard::hush;
use mobilenet_core::fit::Rows;
use mobilenet::data::shards::{Origin, Row, Shards, Writer};

const FEATURES: usize = 4;

fuzz_target!(init: { seeds(examples); hush() }, |data: &[u8]| {
    let folder = scratch();
    let file = folder.path().join("shard.parquet");
    std::fs::write(&file, data).unwrap();
    match Shards::read(&[file], &origin(), folder.path()) {
        Ok(shards) => check(&shards),
        Err(error) => expect_code(&error, &["bad-dataset"]),
    }
});

fn check(shards: &Shards) {
    assert!(shards.labels.is_sorted_by(|a, b| a < b) && shards.labels.len() > 1);
    let (rows, mut buffer) = (shards.rows(), Vec::new());
    for at in 0..rows.rows() {
        let embedding = rows.embedding(at, &mut buffer).unwrap();
        assert!(embedding.len() == FEATURES && embedding.iter().all(|number| number.is_finite()));
        assert!(rows.classes()[at] < shards.labels.len());
    }
    assert_eq!(shards.plain().rows() * shards.views, rows.rows());
    let (train, validation) = shards.split(0.3, 1);
    assert_eq!(train.rows() + validation.rows() * shards.views, rows.rows());
}

fn origin() -> Origin {
    Origin { backbone: "backbone".into(), features: FEATURES, last: FEATURES }
}

fn examples() -> Vec<Vec<u8>> {
    [1, 2].map(|views| written(views)).into()
}

fn written(views: u32) -> Vec<u8> {
    let folder = scratch();
    let path = folder.path().join("shard.parquet");
    let labels = ["a", "b"].map(String::from);
    let rows = (0..6u8).flat_map(|at| {
        let row = move |view| Row {
            label: ["a", "b"][usize::from(at % 2)].into(),
            path: format!("folder/{at}.jpg"),
            digest: [at; 32],
            view,
            embedding: vec![f32::from(at); FEATURES],
        };
        (0..views).map(row)
    });
    let mut writer = Writer::new(&path, &origin(), &labels).unwrap();
    writer.write(&rows.collect::<Vec<_>>()).unwrap();
    writer.finish().unwrap();
    std::fs::read(path).unwrap()
}
