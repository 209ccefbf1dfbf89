//! `{{ident}}(number)`: whether a payment card's number has a right check digit (ISO/IEC 7812-1, annex B).

use lincei_sdk::function::{Bools, Builder, Column, ColumnType, Function, Info, Record, Text};

const NUMBER: Column<Text> = Column::new(0);

struct Plugin;

impl Function for Plugin {
    type Returns = Bools;

    fn describe() -> Info {
        let description = "Whether a payment card's number of 12 to 19 digits has a right check digit.";
        Info::new("{{ident}}", "0.1.0", description, &[ColumnType::Text])
    }

    fn on_row(row: Record<'_>, result: &mut Builder<Bools>) {
        result.push_option(row.get(NUMBER).map(luhn_valid));
    }
}

fn luhn_valid(number: &str) -> bool {
    let (mut sum, mut digits) = (0u32, 0);
    for byte in number.bytes().rev() {
        match byte {
            b'0'..=b'9' => {
                let digit = u32::from(byte - b'0');
                // every second digit from the right counts twice, as the sum of its own digits
                sum += if digits % 2 == 0 { digit } else { digit * 2 - if digit > 4 { 9 } else { 0 } };
                digits += 1;
            }
            b' ' | b'-' => {}
            _ => return false,
        }
    }
    (12..=19).contains(&digits) && sum % 10 == 0
}

lincei_sdk::function!(Plugin);
