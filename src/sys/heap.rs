//! The program's heap: small pieces, by size, cut from blocks that are kept.
//!
//! Judging makes and drops many small values, and a general heap's care for each of them took a
//! third of the time. A piece that is dropped waits for the next one of its size; large ones are
//! the system's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

/// Pieces are multiples of this, and aligned to it.
const STEP: usize = 16;
/// Longer ones are the system's.
const LARGEST: usize = 1024;
/// What is cut up at a time.
const BLOCK: usize = 32 << 10;

/// The heap; one a program.
#[derive(Debug)]
pub struct Heap {
    taken: AtomicBool,
    pieces: UnsafeCell<Pieces>,
}

#[derive(Debug)]
struct Pieces {
    /// For each size the first dropped piece; each begins with the address of the next.
    dropped: [*mut u8; LARGEST / STEP],
    /// What is left of the newest block.
    rest: *mut u8,
    left: usize,
}

// SAFETY: `pieces` is reached through `with` alone, which lets in one thread at a time.
unsafe impl Sync for Heap {}

impl Heap {
    /// An empty heap.
    #[allow(clippy::new_without_default)] // a static needs a `const` one
    pub const fn new() -> Heap {
        let pieces = Pieces { dropped: [null_mut(); LARGEST / STEP], rest: null_mut(), left: 0 };
        Heap { taken: AtomicBool::new(false), pieces: UnsafeCell::new(pieces) }
    }

    fn with<T>(&self, inner: impl FnOnce(&mut Pieces) -> T) -> T {
        while self.taken.swap(true, Ordering::Acquire) {
            std::hint::spin_loop();
        }
        // SAFETY: `taken` was false, so nobody else is here; `inner` neither panics nor comes back.
        let done = inner(unsafe { &mut *self.pieces.get() });
        self.taken.store(false, Ordering::Release);
        done
    }
}

/// The number of a layout's size, where its pieces are this heap's.
fn class(layout: Layout) -> Option<usize> {
    (layout.size() <= LARGEST && layout.align() <= STEP).then(|| layout.size().saturating_sub(1) / STEP)
}

impl Pieces {
    fn take(&mut self, class: usize) -> *mut u8 {
        let first = self.dropped[class];
        if !first.is_null() {
            // SAFETY: a dropped piece holds the address of the next (see `drop`), and is aligned for it.
            self.dropped[class] = unsafe { *first.cast::<*mut u8>() };
            return first;
        }
        let size = (class + 1) * STEP;
        if self.left < size {
            let Ok(block) = Layout::from_size_align(BLOCK, STEP) else {
                return null_mut();
            };
            // SAFETY: the layout's size is not zero.
            let block = unsafe { System.alloc(block) };
            if block.is_null() {
                return block;
            }
            (self.rest, self.left) = (block, BLOCK);
        }
        let piece = self.rest;
        // SAFETY: `left` bytes follow `rest` in its block, and `size` is no more than that.
        self.rest = unsafe { piece.add(size) };
        self.left -= size;
        piece
    }

    /// # Safety
    /// `piece` was taken for this class and is used no more.
    // SAFETY: `dealloc` alone calls it, with its own caller's promise.
    unsafe fn drop(&mut self, piece: *mut u8, class: usize) {
        // SAFETY: a piece is at least `STEP` bytes long and aligned to it.
        unsafe { *piece.cast::<*mut u8>() = self.dropped[class] };
        self.dropped[class] = piece;
    }
}

// SAFETY: a piece is as long and as aligned as its class says, belongs to one caller from `take` to
// `drop`, and its class follows from the layout, which `dealloc` gets again; the rest is the system's.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match class(layout) {
            Some(class) => self.with(|pieces| pieces.take(class)),
            // SAFETY: the caller's promise.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class(layout) else {
            // SAFETY: the caller's promise.
            return unsafe { System.alloc_zeroed(layout) };
        };
        let piece = self.with(|pieces| pieces.take(class));
        if !piece.is_null() {
            // SAFETY: a piece of the class is at least as long as the layout says.
            unsafe { piece.write_bytes(0, layout.size()) };
        }
        piece
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        match class(layout) {
            // SAFETY: the caller's promise: the piece came from `alloc` with this layout.
            Some(class) => self.with(|pieces| unsafe { pieces.drop(piece, class) }),
            // SAFETY: as above.
            None => unsafe { System.dealloc(piece, layout) },
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise: the alignment is a layout's, and `size` fits it.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (class(layout), class(wanted)) {
            (Some(one), Some(other)) if one == other => piece,
            // SAFETY: both are the system's.
            (None, None) => unsafe { System.realloc(piece, layout, size) },
            // SAFETY: the new piece is another one, and both are at least as long as the shorter.
            _ => unsafe {
                let moved = self.alloc(wanted);
                if !moved.is_null() {
                    moved.copy_from_nonoverlapping(piece, layout.size().min(size));
                    self.dealloc(piece, layout);
                }
                moved
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).expect("a layout")
    }

    /// Takes, fills, grows and drops pieces of many sizes in an order that `seed` decides, and
    /// sees that each keeps what was put into it.
    fn churn(heap: &Heap, mut seed: u64) {
        let mut held: Vec<(*mut u8, Layout, u8)> = Vec::new();
        for round in 0..20_000_u32 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = usize::try_from(seed >> 33).expect("31 bits");
            let mark = (round % 251) as u8;
            if held.len() < 200 || number % 3 == 0 {
                let layout = layout(1 + number % 3_000, 1 << (number % 6));
                // SAFETY: the size is not zero, and what is written is within it.
                let piece = unsafe { heap.alloc(layout) };
                assert_eq!(piece.align_offset(layout.align()), 0);
                // SAFETY: as above.
                unsafe { piece.write_bytes(mark, layout.size()) };
                held.push((piece, layout, mark));
                continue;
            }
            let index = number % held.len();
            let (piece, old, mark) = held.swap_remove(index);
            // SAFETY: the piece came from this heap with this layout, and is read within it.
            let bytes = unsafe { std::slice::from_raw_parts(piece, old.size()) };
            assert!(bytes.iter().all(|byte| *byte == mark), "{old:?}");
            let size = 1 + (number >> 8) % 3_000;
            // SAFETY: as above; the new size is not zero.
            let piece = unsafe { heap.realloc(piece, old, size) };
            // SAFETY: the piece now has `size` bytes, the first of which were copied.
            let bytes = unsafe { std::slice::from_raw_parts(piece, size.min(old.size())) };
            assert!(bytes.iter().all(|byte| *byte == mark), "{old:?} to {size}");
            // SAFETY: it is used no more.
            unsafe { heap.dealloc(piece, layout(size, old.align())) };
        }
        for (piece, layout, mark) in held {
            // SAFETY: as above.
            let bytes = unsafe { std::slice::from_raw_parts(piece, layout.size()) };
            assert!(bytes.iter().all(|byte| *byte == mark), "{layout:?}");
            // SAFETY: as above.
            unsafe { heap.dealloc(piece, layout) };
        }
    }

    #[test]
    fn what_is_in_a_piece_stays_until_it_is_dropped() {
        churn(&Heap::new(), 1);
    }

    #[test]
    fn threads_share_a_heap() {
        static SHARED: Heap = Heap::new();
        let threads: Vec<_> = (0..4).map(|n| std::thread::spawn(move || churn(&SHARED, n))).collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no thread fails"));
    }

    #[test]
    fn a_dropped_piece_is_the_next_of_its_size() {
        let heap = Heap::new();
        // SAFETY: the size is not zero; what is dropped is used no more.
        unsafe {
            let first = heap.alloc(layout(20, 8));
            heap.dealloc(first, layout(20, 8));
            let zeroed = heap.alloc_zeroed(layout(32, 8));
            assert_eq!(first, zeroed);
            assert_eq!(std::slice::from_raw_parts(zeroed, 32), [0; 32]);
            assert_eq!(heap.realloc(zeroed, layout(32, 8), 17), zeroed);
            assert_ne!(heap.realloc(zeroed, layout(17, 8), 40), zeroed);
        }
    }
}
