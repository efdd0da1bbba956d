//! Measurements of the server, and the limits of their growth.

use std::fmt;

/// The limit of memory growth. The allocator keeps memory per thread and grows in steps of some
/// hundred KiB. Over thirty minutes and 800,000 requests this is 5 bytes per request.
pub const MOST_GROWTH_KIB: usize = 4 * 1024;

/// The limit of growth of descriptors and tasks under load, where connections open and close
/// between samples. At rest there is no tolerance.
pub const MOST_MORE: usize = 8;

/// The samples are split into parts. The first is the warm-up of pools, caches and the allocator.
const PARTS: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Resident memory in KiB.
    pub kib: usize,
    pub descriptors: usize,
    pub tasks: usize,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>7} KiB, {:>3} descriptors, {:>3} tasks",
            self.kib, self.descriptors, self.tasks
        )
    }
}

/// Returns the medians of each part.
pub fn parts(samples: &[Sample]) -> Vec<Sample> {
    let length = samples.len() / PARTS;
    assert!(length > 0, "{samples:?}");
    let median = |part: &[Sample], of: fn(&Sample) -> usize| {
        let mut numbers: Vec<_> = part.iter().map(of).collect();
        numbers.sort_unstable();
        numbers[numbers.len() / 2]
    };
    let parts = samples.chunks_exact(length).take(PARTS);
    parts
        .map(|part| Sample {
            kib: median(part, |sample| sample.kib),
            descriptors: median(part, |sample| sample.descriptors),
            tasks: median(part, |sample| sample.tasks),
        })
        .collect()
}

/// Returns the figures that grew from the second part to the last one.
pub fn grown(samples: &[Sample]) -> Vec<String> {
    let parts = parts(samples);
    let (first, last) = (parts[1], parts[PARTS - 1]);
    let figures = [
        ("KiB", first.kib, last.kib, MOST_GROWTH_KIB),
        (
            "descriptors",
            first.descriptors,
            last.descriptors,
            MOST_MORE,
        ),
        ("tasks", first.tasks, last.tasks, MOST_MORE),
    ];
    let more = figures
        .into_iter()
        .filter(|(_, first, last, most)| *last > first + most);
    more.map(|(what, first, last, most)| {
        format!("{what}: {last} after {first}, the limit is {most} more")
    })
    .collect()
}

#[test]
fn steady_growth_is_found_and_noise_is_not() {
    let flat = |n: usize| Sample {
        kib: 40_000 + 900 * (n % 7),
        descriptors: 30 + n % 9,
        tasks: 50 - n % 9,
    };
    let series = |change: fn(usize, &mut Sample)| -> Vec<String> {
        let mut samples: Vec<_> = (0..100).map(flat).collect();
        samples
            .iter_mut()
            .enumerate()
            .for_each(|(n, sample)| change(n, sample));
        grown(&samples)
    };
    assert_eq!(series(|_, _| {}), [""; 0]);
    // The warm-up is no growth.
    assert_eq!(series(|n, sample| sample.kib += 1000 * n.min(20)), [""; 0]);
    let leaks: [fn(usize, &mut Sample); 3] = [
        |n, sample| sample.kib += 200 * n,
        |n, sample| sample.descriptors += n / 4,
        |n, sample| sample.tasks += n / 4,
    ];
    for (leak, what) in leaks.into_iter().zip(["KiB", "descriptors", "tasks"]) {
        let found = series(leak);
        assert!(found.len() == 1 && found[0].starts_with(what), "{found:?}");
    }
}
