use super::*;
use fastrand::Rng;

fn packed(plain: &[u8]) -> (u16, Vec<u8>) {
    let mut out = b"before".to_vec();
    out.extend(plain);
    let packing = pack_from(&mut out, 6);
    assert_eq!(out[..6], *b"before");
    (packing, out.split_off(6))
}

#[test]
fn only_what_shrinks_is_packed() {
    let mut rng = Rng::with_seed(1);
    let noise: Vec<u8> = (0..100_000).map(|_| rng.u8(..)).collect();
    let trace = "\tat com.example.Service.call(Service.java:17)\n".repeat(5000).into_bytes();
    let short = vec![b' '; PACKED_BYTES_MIN - 1];
    for (plain, want) in [(&noise, NONE), (&trace, LZ4), (&short, NONE), (&Vec::new(), NONE)] {
        let (packing, data) = packed(plain);
        assert_eq!(packing, want);
        assert!(data.len() <= plain.len());
        assert!(unpack(packing, &data, plain.len()).unwrap() == *plain);
    }
}

#[test]
fn what_does_not_unpack_to_its_length_is_an_error() {
    let plain = vec![b' '; 1 << 20];
    let (packing, data) = packed(&plain);
    assert_eq!(packing, LZ4);
    for length in [0, plain.len() - 1, plain.len() + 1, BODY_BYTES_MAX + 1, usize::MAX] {
        assert!(unpack(packing, &data, length).is_err(), "{length}");
    }
    for cut in [0, 1, 2, data.len() / 2, data.len() - 1] {
        assert!(unpack(packing, &data[..cut], plain.len()).is_err(), "cut to {cut}");
    }
    assert!(unpack(NONE, b"abc", 4).is_err());
    assert!(matches!(unpack(2, b"abc", 3), Err(FrameError::Packing(2))));
}
