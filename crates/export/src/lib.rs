//! Files for analysts: tables as Parquet, NDJSON and protobuf packs, with a manifest.
