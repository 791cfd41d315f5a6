// decision: docs/decisions/0201-plain-forms.md

/// Entries on their way into an array that takes them a page at a time: to add one costs a store, and no look at the
/// array.
///
/// Invariant: `count <= capacity`; the entries at `base` below `count` are initialized.
struct EntryPage<Entry>: ~Copyable {
  private let base = UnsafeMutablePointer<Entry>.allocate(capacity: Self.capacity)
  private var count = 0
  /// Entries that the array has.
  private var moved = 0

  /// As many entries as 4 KiB hold, which stay in the nearest cache.
  private static var capacity: Int { max(4096 / MemoryLayout<Entry>.stride, 1) }

  init() {}

  deinit { base.deallocate() }

  /// Entries in the array and on their way.
  @inline(__always)
  var total: Int { moved &+ count }

  /// Adds an entry, which may be changed where it lies until the next is added.
  @inline(__always)
  mutating func append(_ entry: Entry, to array: inout [Entry]) -> UnsafeMutablePointer<Entry> {
    if count == Self.capacity { move(to: &array) }
    let place = base + count
    place.initialize(to: entry)
    count &+= 1
    return place
  }

  /// Entries that may be initialized at `slots` before they are counted.
  @inline(__always)
  var room: Int { Self.capacity &- count }

  @inline(__always)
  var slots: UnsafeMutablePointer<Entry> { base + count }

  /// Counts entries that were initialized at `slots`.
  @inline(__always)
  mutating func advance(_ entries: Int) { count &+= entries }

  /// Forgets what is on its way and begins with an array of so many entries.
  mutating func restart(after entries: Int) {
    count = 0
    moved = entries
  }

  /// Moves the entries to the end of the array, which nobody else appends to.
  @inline(never)
  mutating func move(to array: inout [Entry]) {
    array.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
    moved = array.count
    count = 0
  }
}

/// What a decoder adds to a batch entry by entry; the batch keeps it from request to request.
struct EntryPages: ~Copyable {
  var attributes = EntryPage<Attribute>()
  var records = EntryPage<LogRecord>()
  /// Whether keys of attributes may repeat, and keys of maps within them.
  var keys = KeyMarks()
  var nestedKeys = KeyMarks()
}

extension LogBatch {
  /// The pages for a request, which come back with `finish`; after an error the next request gets new ones.
  mutating func startPages() -> EntryPages {
    var pages = pages.take() ?? EntryPages()
    pages.attributes.restart(after: attributes.count)
    pages.records.restart(after: records.count)
    pages.keys.restart()
    pages.nestedKeys.restart()
    return pages
  }

  /// Appends what is still on its way.
  mutating func finish(_ pages: consuming EntryPages) {
    pages.attributes.move(to: &attributes)
    pages.records.move(to: &records)
    keysMayRepeat = pages.keys.mayRepeat || pages.nestedKeys.mayRepeat
    self.pages = consume pages
  }
}
