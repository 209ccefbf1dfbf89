//! Added below: what spinning plugins cost others.
