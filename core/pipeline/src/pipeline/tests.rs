mod accounts;
mod configuration;
mod rejects;
mod steps;
