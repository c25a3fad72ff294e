//! The contract of each port.
