//! Behaviour of the whole engine on a real directory.

mod crash;
mod damage;
mod data_path;
mod deletion;
mod disk;
mod layout_v1;
mod maintenance;
mod open;
mod replay;
