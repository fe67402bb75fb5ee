//! What do these octets say? Character sets, user data headers, segments.
