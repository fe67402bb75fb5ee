//! Open enumerations: every value of the wire survives, the named ones have names.

/// Declares a newtype over an integer with named constants, a `name()` for those and a Debug that prints
/// `NAME` or the hexadecimal value. Unknown values are kept as they came.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $type:ident($repr:ty) { $( $(#[$doc:meta])* $name:ident = $value:expr, )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $type(pub $repr);

        impl $type {
            $( $(#[$doc])* pub const $name: Self = Self($value); )*

            /// The name that SMPP gives the value, when it gives one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $( $value => Some(stringify!($name)), )*
                    _ => None,
                }
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:#04x}", self.0),
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self, f)
            }
        }

        impl From<$repr> for $type {
            fn from(value: $repr) -> Self {
                Self(value)
            }
        }
    };
}
