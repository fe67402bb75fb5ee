//! The macro that turns a table of fields, as the specification prints them, into a PDU body.

/// Declares one body: a struct generic over what holds its octets, with reading, writing, mapping between
/// borrowed and owned, and a walk over its fields. Fields stand in the order of the wire.
macro_rules! body {
    (
        $(#[$meta:meta])*
        $name:ident { $( $(#[$doc:meta])* $field:ident: $type:ty, )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name<S> { $( $(#[$doc])* pub $field: $type, )* }

        impl<S: AsRef<[u8]>> std::fmt::Debug for $name<S> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)) $( .field(stringify!($field), &self.$field) )* .finish()
            }
        }

        impl<'a> $name<&'a [u8]> {
            #[inline]
            pub(crate) fn read(input: &'a [u8]) -> Result<Self, $crate::smpp::pdu::DecodeError> {
                $(
                    let (input, $field) = $crate::smpp::field::Read::read(input)
                        .map_err(|fault| $crate::smpp::pdu::DecodeError::at(stringify!($field), &fault))?;
                )*
                let _trailing_octets_are_a_habit_of_peers = input;
                Ok(Self { $($field,)* })
            }
        }

        impl<S> $name<S> {
            #[inline]
            pub(crate) fn mapped<T>(self, change: &mut impl FnMut(S) -> T) -> $name<T> {
                $name { $( $field: $crate::smpp::field::Mapped::<S, T>::mapped(self.$field, change), )* }
            }
        }

        impl<S: AsRef<[u8]>> $name<S> {
            #[inline]
            pub(crate) fn measure(
                &self,
                limits: $crate::smpp::Limits,
            ) -> Result<usize, $crate::smpp::pdu::EncodeError> {
                let mut len = 0;
                $(
                    let Some(octets) = $crate::smpp::field::Write::measure(&self.$field, limits) else {
                        return Err($crate::smpp::pdu::EncodeError { field: stringify!($field) });
                    };
                    len += octets;
                )*
                Ok(len)
            }

            #[inline]
            pub(crate) fn write(&self, out: &mut $crate::smpp::field::Writer<'_>) {
                $( $crate::smpp::field::Write::write(&self.$field, out); )*
            }

            /// Shows every field by its name, in the order of the wire.
            pub fn fields(&self, see: &mut dyn FnMut(&'static str, $crate::smpp::Shown<'_>)) {
                $( see(stringify!($field), $crate::smpp::field::Show::show(&self.$field)); )*
            }
        }
    };
}
