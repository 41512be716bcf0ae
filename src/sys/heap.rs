//! The program's heap: small pieces, by size, cut from blocks that are kept.
//!
//! Judging makes and drops many small values, and a general heap's care for each of them took a
//! third of the time. A piece that is dropped waits for the next one of its size; large ones are
//! the system's. What a long script needs lies on huge pages: for each page the kernel is entered
//! once, and a huge one is 512 others.

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
/// So many blocks, and all later ones are huge pages.
const BLOCKS: usize = 64;
/// A huge page.
const HUGE: usize = 2 << 20;

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
    /// How many blocks there are.
    blocks: usize,
}

// SAFETY: `pieces` is reached through `with` alone, which lets in one thread at a time.
unsafe impl Sync for Heap {}

impl Heap {
    /// An empty heap.
    #[allow(clippy::new_without_default)] // a static needs a `const` one
    pub const fn new() -> Heap {
        let pieces = Pieces { dropped: [null_mut(); LARGEST / STEP], rest: null_mut(), left: 0, blocks: 0 };
        Heap { taken: AtomicBool::new(false), pieces: UnsafeCell::new(pieces) }
    }

    fn with<T>(&self, inner: impl FnOnce(&mut Pieces) -> T) -> T {
        if is_alone() {
            // SAFETY: there is no other thread, and `inner` starts none, neither panics nor comes back.
            return inner(unsafe { &mut *self.pieces.get() });
        }
        while self.taken.swap(true, Ordering::Acquire) {
            std::hint::spin_loop();
        }
        // SAFETY: `taken` was false, so nobody else is here; `inner` neither panics nor comes back.
        let done = inner(unsafe { &mut *self.pieces.get() });
        self.taken.store(false, Ordering::Release);
        done
    }
}

/// Whether this is the program's only thread: a lock would cost more than what it guards.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn is_alone() -> bool {
    // SAFETY: a byte of the C library's, which it changes only where the one thread there is starts
    // another: <sys/single_threaded.h>.
    unsafe { __libc_single_threaded != 0 }
}

// SAFETY: it is declared as <sys/single_threaded.h> has it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
unsafe extern "C" {
    static __libc_single_threaded: std::ffi::c_char;
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn is_alone() -> bool {
    false
}

/// The number of a layout's size, where its pieces are this heap's.
fn class(layout: Layout) -> Option<usize> {
    (layout.size() <= LARGEST && layout.align() <= STEP).then(|| layout.size().saturating_sub(1) / STEP)
}

/// The layout that the system is asked for: what fills huge pages begins with one.
fn placed(layout: Layout) -> Layout {
    match layout.size() >= HUGE {
        true => layout.align_to(HUGE).unwrap_or(layout),
        false => layout,
    }
}

/// A piece of the system's.
///
/// # Safety
/// The layout's size is not zero.
// SAFETY: whoever asks this heap for a piece promises it, and a block is not empty.
unsafe fn large(layout: Layout) -> *mut u8 {
    let placed = placed(layout);
    // SAFETY: the caller's promise; alignment changes no size.
    let piece = unsafe { System.alloc(placed) };
    #[cfg(target_os = "linux")]
    if !piece.is_null() && placed.align() == HUGE {
        // SAFETY: these bytes are the piece's own. The kernel may decline; then they are as others.
        unsafe { libc::madvise(piece.cast(), layout.size(), libc::MADV_HUGEPAGE) };
    }
    piece
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
            let length = if self.blocks < BLOCKS { BLOCK } else { HUGE };
            let Ok(block) = Layout::from_size_align(length, STEP) else {
                return null_mut();
            };
            // SAFETY: the layout's size is not zero.
            let block = unsafe { large(block) };
            if block.is_null() {
                return block;
            }
            self.blocks += 1;
            (self.rest, self.left) = (block, length);
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
            None => unsafe { large(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class(layout) else {
            // SAFETY: the caller's promise.
            return unsafe { System.alloc_zeroed(placed(layout)) };
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
            // SAFETY: as above; both ways to take one lay it out like this.
            None => unsafe { System.dealloc(piece, placed(layout)) },
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise: the alignment is a layout's, and `size` fits it.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (class(layout), class(wanted)) {
            (Some(one), Some(other)) if one == other => piece,
            // SAFETY: both are the system's, and are laid out alike.
            (None, None) if size < HUGE && layout.size() < HUGE => unsafe {
                System.realloc(piece, layout, size)
            },
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

    #[test]
    fn what_fills_huge_pages_is_kept_whole() {
        let heap = Heap::new();
        let mut pieces: Vec<*mut u8> = Vec::new();
        // SAFETY: no size is zero, what is written and read is within it, and each piece is dropped
        // once, with its layout.
        unsafe {
            for round in 0..(BLOCKS * BLOCK + 3 * HUGE) / LARGEST {
                let piece = heap.alloc(layout(LARGEST, 8));
                piece.write_bytes((round % 251) as u8, LARGEST);
                pieces.push(piece);
            }
            for (round, piece) in pieces.into_iter().enumerate() {
                let bytes = std::slice::from_raw_parts(piece, LARGEST);
                assert!(bytes.iter().all(|byte| usize::from(*byte) == round % 251));
                heap.dealloc(piece, layout(LARGEST, 8));
            }
            let list = heap.alloc(layout(HUGE - 8, 8));
            list.write_bytes(7, HUGE - 8);
            let grown = heap.realloc(list, layout(HUGE - 8, 8), 3 * HUGE);
            assert_eq!(grown.align_offset(HUGE), 0);
            let shrunk = heap.realloc(grown, layout(3 * HUGE, 8), 100);
            assert!(std::slice::from_raw_parts(shrunk, 100).iter().all(|byte| *byte == 7));
            heap.dealloc(shrunk, layout(100, 8));
            let zeroed = heap.alloc_zeroed(layout(HUGE, 8));
            assert!(std::slice::from_raw_parts(zeroed, HUGE).iter().all(|byte| *byte == 0));
            heap.dealloc(zeroed, layout(HUGE, 8));
        }
    }
}
