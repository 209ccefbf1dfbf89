use super::*;
use crate::buffers::compact;
use crate::test_support::numbered;
use crate::test_support::random::random;

fn header_of(frame: &EncodedFrame) -> FrameHeader {
    FrameHeader::read(frame.bytes.first_chunk().unwrap()).unwrap()
}

fn body_of(frame: &EncodedFrame) -> &[u8] {
    &frame.bytes[FRAME_HEADER_BYTES..]
}

#[test]
fn every_table_comes_back_as_it_was() {
    let tenant = TenantId::new("team-1").unwrap();
    for rows in [1, 2, 17, 1000] {
        let batches: Vec<_> = Table::ALL.into_iter().map(|t| random(t, rows, rows as u64)).collect();
        let mut frame = encode(&tenant, &batches).unwrap();
        frame.number(7);
        let header = header_of(&frame);
        assert_eq!(header.number, 7);
        assert!(header.body_is_intact(body_of(&frame)));
        let (read_tenant, read) = decode(&header, body_of(&frame)).unwrap();
        assert_eq!(read_tenant, tenant);
        assert_eq!(read.len(), batches.len());
        for (read, written) in read.iter().zip(&batches) {
            assert_eq!(read.table(), written.table());
            assert_eq!(read.records(), written.records(), "{} rows of {}", rows, written.table());
        }
    }
}

#[test]
fn slices_come_back_without_the_rows_around_them() {
    for table in Table::ALL {
        let whole = random(table, 300, 3);
        let slice = Batch::new(table, whole.records().slice(101, 47)).unwrap();
        for batch in [slice.clone(), compact(slice.clone()).unwrap()] {
            let frame = encode(&TenantId::default(), &[batch]).unwrap();
            // nothing was numbered yet, so the header is not valid; the body is
            let mut frame = frame;
            frame.number(1);
            let (_, read) = decode(&header_of(&frame), body_of(&frame)).unwrap();
            assert_eq!(read[0].records(), slice.records(), "{table}");
        }
    }
}

/// The bytes as drawn in the module documentation of `wal`, by hand.
#[test]
fn header_is_as_drawn() {
    let mut frame = encode(&TenantId::default(), &[numbered(0..5)]).unwrap();
    frame.number(0x0102_0304_0506_0708);
    let bytes = &frame.bytes;
    assert_eq!(bytes[0..8], [0xD7, 0x4C, 0x43, 0x57, 0x46, 0x0D, 0x0A, 0xF1]);
    assert_eq!(bytes[8..16], [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(bytes[16..20], u32::try_from(bytes.len() - 32).unwrap().to_le_bytes());
    assert_eq!(bytes[20..24], crc32fast::hash(&bytes[32..]).to_le_bytes());
    assert_eq!(bytes[24..28], [2, 0, 1, 0]);
    assert_eq!(bytes[28..32], crc32fast::hash(&bytes[..28]).to_le_bytes());
    // tenant, then the batch's table, rows and schema
    assert_eq!(bytes[32..41], *b"\x07\x00default");
    assert_eq!(bytes[41..48], [0; 7]);
    assert_eq!(bytes[48..56], [1, 0, 0, 0, 5, 0, 0, 0]);
    assert_eq!(bytes[56..64], fingerprint_of(&Table::Logs.schema()).to_le_bytes());
    assert_eq!(bytes.len() % 8, 0);
}

#[test]
fn any_flipped_bit_is_noticed() {
    let mut frame = encode(&TenantId::default(), &[numbered(0..3)]).unwrap();
    frame.number(1);
    for i in 0..frame.bytes.len() {
        for bit in 0..8 {
            let mut bytes = frame.bytes.clone();
            bytes[i] ^= 1 << bit;
            let header = FrameHeader::read(bytes.first_chunk().unwrap());
            let intact = header.is_some_and(|h| h.body_is_intact(&bytes[FRAME_HEADER_BYTES..]));
            assert!(!intact, "bit {bit} of byte {i}");
        }
    }
}

/// Bodies with a right checksum that this version did not write.
#[test]
fn foreign_bodies_are_errors() {
    let mut frame = encode(&TenantId::default(), &[numbered(0..3)]).unwrap();
    frame.number(1);
    let (header, body) = (header_of(&frame), body_of(&frame));
    let change = |at: usize, bytes: &[u8]| {
        let mut body = body.to_vec();
        body[at..at + bytes.len()].copy_from_slice(bytes);
        decode(&header, &body).unwrap_err().to_string()
    };
    assert_eq!(change(16, &[9, 0]), "table number 9 is not known to this version");
    assert!(change(24, &[0; 8]).starts_with("schema 0000000000000000 of table logs is not known"));
    assert_eq!(change(16, &[2, 0])[..7], *"schema ", "rows of another table");
    assert!(change(20, &[4, 0, 0, 0]).starts_with("body "));
    assert!(change(0, &[0xFF, 0xFF]).contains("ends inside its tenant id"));
    assert!(change(2, b"..").contains("is not 1 to 64"));
    assert_eq!(change(18, &[7, 0]), "packing 7 is not known to this version");
    assert!(change(32, &[0xFF; 4]).contains("header says 4294967295"));
    assert!(change(36, &[0xFF; 4]).contains("ends inside its data"));
    assert_eq!(
        decode(&FrameHeader { kind: 3, ..header }, body).unwrap_err().to_string(),
        "frame kind 3 is not known to this version"
    );
    assert!(decode(&FrameHeader { batches: 2, ..header }, body).is_err());
    assert!(decode(&FrameHeader { batches: 0, ..header }, body).is_err());
    let long = [body, &[0; 8]].concat();
    assert!(decode(&header, &long).unwrap_err().to_string().contains("8 bytes follow"));
    for length in 0..body.len() {
        assert!(decode(&header, &body[..length]).is_err(), "cut to {length} of {}", body.len());
    }
}
