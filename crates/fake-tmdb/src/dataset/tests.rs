//! The data-set universe on small folders, and on the real corpus where there is one.
