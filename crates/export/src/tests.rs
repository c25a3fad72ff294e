//! What holds of exports, by a mirror that is made up.
