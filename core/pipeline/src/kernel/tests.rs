mod assign;
mod json;
mod pattern;
mod protect;
mod select;
