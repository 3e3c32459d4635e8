//! The names of a struct's fields as they are in a file, asked of the struct itself, so that no list of them can go stale.

use serde::de::value::Error as Unread;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// The fields of a struct by the names that they have in a file. It asks what the struct would read.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Card {
///     name: String,
///     #[serde(rename = "year")]
///     born: Option<u16>,
/// }
/// assert_eq!(mobilenet_core::base::fields::fields_of::<Card>(), ["name", "year"]);
/// ```
pub fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It has nothing to read, so it fails once it has asked.
    let _ = T::deserialize(Asked(&mut fields));
    fields
}

/// Keeps the fields that it is asked for.
struct Asked<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Unread;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Unread> {
        *self.0 = fields;
        Err(Unread::custom("there is nothing to read"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Unread> {
        Err(Unread::custom("only a struct has fields"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
