mod attributes;
mod columns;
mod rows;
