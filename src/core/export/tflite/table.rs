//! Table: flatbuffer tables without generated code, each a list of slots and what is in them.

use flatbuffers::{FlatBufferBuilder, Push, UnionWIPOffset, WIPOffset};

/// Where a table, vector or string lies.
pub(super) type Place = WIPOffset<UnionWIPOffset>;

/// What a slot holds.
#[derive(Clone, Copy)]
pub(super) enum Field {
    Flag(bool),
    /// An enumeration or the kind of a union.
    Byte(u8),
    Int(i32),
    Index(u32),
    Float(f32),
    At(Place),
}

/// The number of a field in its table, as the schema counts.
pub(super) type Slot = u16;

/// A flatbuffer in the making.
pub(super) struct Buffer<'a>(FlatBufferBuilder<'a>);

/// What the tensors' data is aligned to (`force_align: 16` in the schema).
const ALIGNMENT: usize = 16;
/// Root offset and file identifier, at the very start of a file.
const HEADER: usize = 8;

impl Buffer<'_> {
    pub fn new() -> Self {
        Self(FlatBufferBuilder::new())
    }

    pub fn table(&mut self, fields: &[(Slot, Field)]) -> Place {
        let table = self.0.start_table();
        for (slot, field) in fields {
            // A table starts with a table of its slots: its own length, the data's, then two bytes a slot.
            let slot = 4 + 2 * slot;
            match *field {
                Field::Flag(value) => self.0.push_slot_always(slot, value),
                Field::Byte(value) => self.0.push_slot_always(slot, value),
                Field::Int(value) => self.0.push_slot_always(slot, value),
                Field::Index(value) => self.0.push_slot_always(slot, value),
                Field::Float(value) => self.0.push_slot_always(slot, value),
                Field::At(place) => self.0.push_slot_always(slot, place),
            }
        }
        self.0.end_table(table).as_union_value()
    }

    pub fn text(&mut self, text: &str) -> Field {
        Field::At(self.0.create_string(text).as_union_value())
    }

    pub fn list<T: Push<Output: 'static>>(&mut self, items: &[T]) -> Field {
        Field::At(self.0.create_vector(items).as_union_value())
    }

    /// Bytes whose first one is aligned.
    pub fn data(&mut self, bytes: &[u8]) -> Field {
        // Files are built from their end, so what is written has to be a multiple.
        self.pad(bytes.len());
        self.list(bytes)
    }

    /// The finished file; its length is a multiple too, or nothing would be aligned from its start.
    pub fn finish(mut self, root: Place, identifier: &str) -> Vec<u8> {
        self.pad(HEADER);
        self.0.finish(root, Some(identifier));
        self.0.finished_data().to_vec()
    }

    /// Fills up, so that everything is a multiple of the alignment once so many bytes more are written.
    fn pad(&mut self, next: usize) {
        while !(self.0.unfinished_data().len() + next).is_multiple_of(ALIGNMENT) {
            self.0.push(0u8);
        }
    }
}
