//! RSA keys of a chip library whose moduli can be factored (ROCA, CVE-2017-15361).

/// The largest prime that is tested, for keys of 2048 bits and more (Nemec et al., "The Return of
/// Coppersmith's Attack", 2017).
const LAST: u32 = 701;

/// Checks whether the big-endian `modulus` is a power of 65537 modulo every prime. One in 2^167 of
/// other keys is by chance.
pub(super) fn is_marked(modulus: &[u8]) -> bool {
    odd_primes().all(|prime| is_power(remainder(modulus, prime), 65537 % prime, prime))
}

fn odd_primes() -> impl Iterator<Item = u32> {
    (3..=LAST)
        .step_by(2)
        .filter(|number| (3..*number).step_by(2).all(|divisor| number % divisor != 0))
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0, |remainder, byte| {
        (remainder << 8 | u32::from(*byte)) % prime
    })
}

/// Checks whether `value` is a power of `base`, modulo `prime`.
fn is_power(value: u32, base: u32, prime: u32) -> bool {
    let powers = std::iter::successors(Some(1), |power| Some(power * base % prime));
    powers.take(prime as usize).any(|power| power == value)
}

#[cfg(test)]
mod tests {
    use super::{LAST, is_power, odd_primes, remainder};

    #[test]
    fn the_primes_are_the_odd_ones_up_to_the_last() {
        assert_eq!(
            odd_primes().take(8).collect::<Vec<_>>(),
            [3, 5, 7, 11, 13, 17, 19, 23]
        );
        assert_eq!(
            (odd_primes().count(), odd_primes().last()),
            (125, Some(LAST))
        );
    }

    #[test]
    fn a_remainder_is_that_of_the_whole_number() {
        assert_eq!(remainder(&[1, 0, 0], 701), 65536 % 701);
        assert_eq!(remainder(&[0xff; 8], 13), (u64::MAX % 13) as u32);
        assert_eq!(remainder(&[], 3), 0);
    }

    #[test]
    fn the_powers_of_two_modulo_seven_are_one_two_and_four() {
        let powers: Vec<_> = (0..7).filter(|value| is_power(*value, 2, 7)).collect();
        assert_eq!(powers, [1, 2, 4]);
    }
}
