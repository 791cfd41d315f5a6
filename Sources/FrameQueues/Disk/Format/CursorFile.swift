// The file `cursor` of a queue directory, version 2: which frames have been acknowledged, and what there was of others.
//
// Two slots of 4096 bytes. The one with the higher generation whose checksum holds is valid. Until a slot is known to
// have reached the disk, only that slot is written, so a power cut in the middle of a write leaves the other one. After
// a sync that failed it is written again before the next: the system may count as written what it could not write.
//
//   0 "SLUICECU"   8 version u32   12 ranges u32   16 generation u64   24 low frame u64   32 fingerprint u64
//   40 end frame u64   48 payload bytes u64   56 records u64   64 segment u64   72 segment bytes u64
//   80 ranges, each first u64 and end u64   4092 checksum u32 of 0..<4092
//
// Later versions keep the first 12 bytes and the checksum. Version 1 lacks 40..<80: there the ranges begin at 40, and
// the checksum follows the last of them.

/// What a cursor says.
struct CursorRecord: Equatable {
  var acknowledged: AcknowledgedFrames
  /// Nil if the process that wrote it kept no account of that (version 1).
  var durable: DurableFrames?
}

/// What a queue held and counted as durable at some moment, acknowledged frames left out: what of it no segment has
/// later on is lost.
struct DurableFrames: Equatable {
  /// The number after that of the last of them.
  var endFrame: UInt64
  /// Payload bytes and records; never too much, but too little if a sync had failed.
  var totals = FrameTotals.zero
  /// The segment with the last of them, and how long its file was then at least; 0 if there was none.
  var segment: UInt64 = 0
  var segmentBytes = 0
}

/// The durable record of what has been acknowledged.
struct CursorFile {
  static let name = "cursor"
  static let version: UInt32 = 2
  static let slotBytes = 4096
  /// More ranges than this are not recorded: their frames would be delivered again after a crash.
  static let maxRanges = (slotBytes - headBytes - 4) / 16
  private static let headBytes = 80
  private static let headBytesOfVersion1 = 40
  private static let magic: UInt64 = 0x5543_4543_4955_4c53

  private let file: FileHandle
  private let fingerprint: UInt64
  private var generation: UInt64 = 0
  private var slot = 0
  /// What was written last, or was to be.
  private var written = CursorRecord(acknowledged: AcknowledgedFrames(low: 0))
  /// True if the last write has not been synced.
  private(set) var isDirty = false
  /// True if a write or sync failed, so that what the slot holds is not known.
  private var isUncertain = false
  /// The valid slot as it was read, until it is known to have reached the disk.
  private var found: [UInt8]?

  /// What a cursor file held.
  enum Content: Equatable {
    case record(CursorRecord)
    /// There was no file, or an empty one.
    case nothing
    /// Neither slot can be read.
    case damaged
    /// A later version of the gateway wrote a slot.
    case newer(version: UInt32)
  }

  /// Opens the file, or creates it with both slots in place, so that later writes need no more room on the disk.
  static func open(in directory: String, of files: any FileSystem, fingerprint: UInt64) throws(FileError)
    -> (cursor: CursorFile, content: Content)
  {
    let file = try FileHandle(directory + "/" + name, of: files, .readWriteOrCreate)
    var cursor = CursorFile(file, fingerprint: fingerprint)
    let content = try cursor.read()
    return (cursor, content)
  }

  /// What the file says; nothing is created or changed.
  static func content(in directory: String, of files: any FileSystem, fingerprint: UInt64) throws(FileError) -> Content
  {
    let path = directory + "/" + name
    guard try files.exists(path) else { return .nothing }
    var cursor = CursorFile(try FileHandle(path, of: files, .read), fingerprint: fingerprint)
    return try cursor.read()
  }

  private init(_ file: FileHandle, fingerprint: UInt64) {
    self.file = file
    self.fingerprint = fingerprint
  }

  private mutating func read() throws(FileError) -> Content {
    var content = Content.nothing
    for index in 0...1 {
      let bytes = try file.read(Self.slotBytes, at: index * Self.slotBytes)
      if content == .nothing, !bytes.isEmpty { content = .damaged }
      if let version = unsafe bytes.withUnsafeBytes({ unsafe Self.newerVersion($0) }) {
        return .newer(version: version)
      }
      guard let (generation, record) = unsafe bytes.withUnsafeBytes({ unsafe decode($0) }),
        generation >= self.generation
      else { continue }
      self.generation = generation
      slot = 1 - index
      found = bytes
      content = .record(record)
    }
    return content
  }

  /// Records what is acknowledged and what is not; it reaches the disk with the next `sync`.
  mutating func write(_ record: CursorRecord) throws(FileError) {
    generation &+= 1
    (written, isDirty, isUncertain) = (record, true, true)
    try file.write(encode(record), at: slot * Self.slotBytes)
    isUncertain = false
  }

  /// True if that is what was written last.
  func says(_ record: CursorRecord) -> Bool { record == written && !isUncertain }

  /// What of the acknowledged frames finds room in a slot.
  static func recorded(_ frames: AcknowledgedFrames) -> AcknowledgedFrames { frames.limited(toRanges: maxRanges) }

  /// Writes both slots, so that the file has its full size. The process before may have written the valid one without
  /// its having reached the disk, so that is first written as it is.
  mutating func writeBoth(_ record: CursorRecord) throws(FileError) {
    if let found {
      try file.write(found, at: (1 - slot) * Self.slotBytes)
      try file.sync()
    }
    found = nil
    for _ in 0...1 {
      try write(record)
      try sync()
    }
  }

  /// Makes what was written durable.
  mutating func sync() throws(FileError) {
    guard isDirty else { return }
    if isUncertain { try write(written) }
    isUncertain = true
    try file.sync()
    isUncertain = false
    slot = 1 - slot
    isDirty = false
  }

  private func encode(_ record: CursorRecord) -> [UInt8] {
    let ranges = Self.recorded(record.acknowledged).ranges
    let durable = record.durable ?? DurableFrames(endFrame: 0)
    var bytes = [UInt8](repeating: 0, count: Self.slotBytes)
    unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe bytes.store(Self.magic, at: 0)
      unsafe bytes.store(Self.version, at: 8)
      unsafe bytes.store(UInt32(clamping: ranges.count), at: 12)
      unsafe bytes.store(generation, at: 16)
      unsafe bytes.store(record.acknowledged.low, at: 24)
      unsafe bytes.store(fingerprint, at: 32)
      unsafe bytes.store(durable.endFrame, at: 40)
      unsafe bytes.store(UInt64(clamping: durable.totals.bytes), at: 48)
      unsafe bytes.store(UInt64(clamping: durable.totals.records), at: 56)
      unsafe bytes.store(durable.segment, at: 64)
      unsafe bytes.store(UInt64(clamping: durable.segmentBytes), at: 72)
      for (index, range) in ranges.enumerated() {
        unsafe bytes.store(range.lowerBound, at: Self.headBytes + 16 * index)
        unsafe bytes.store(range.upperBound, at: Self.headBytes + 16 * index + 8)
      }
      unsafe bytes.seal(0..<Self.slotBytes, salt: 0)
    }
    return bytes
  }

  private static func isSlot(_ bytes: UnsafeRawBufferPointer) -> Bool { unsafe bytes.load(UInt64.self, at: 0) == magic }

  /// The version of a slot that a later gateway wrote; nil if none did.
  private static func newerVersion(_ bytes: UnsafeRawBufferPointer) -> UInt32? {
    let version = unsafe bytes.load(UInt32.self, at: 8)
    return unsafe isSlot(bytes) && version > Self.version && bytes.isSealed(0..<slotBytes, salt: 0) ? version : nil
  }

  private func decode(_ bytes: UnsafeRawBufferPointer) -> (generation: UInt64, record: CursorRecord)? {
    let count = unsafe Int(bytes.load(UInt32.self, at: 12))
    guard unsafe Self.isSlot(bytes), unsafe bytes.load(UInt64.self, at: 32) == fingerprint else { return nil }
    let headBytes: Int
    switch unsafe bytes.load(UInt32.self, at: 8) {
    case 1:
      headBytes = Self.headBytesOfVersion1
      guard count <= Self.slotBytes / 16, unsafe bytes.isSealed(0..<(headBytes + 16 * count + 4), salt: 0) else {
        return nil
      }
    case Self.version:
      headBytes = Self.headBytes
      guard count <= Self.maxRanges, unsafe bytes.isSealed(0..<Self.slotBytes, salt: 0) else { return nil }
    default: return nil
    }
    var frames = unsafe AcknowledgedFrames(low: bytes.load(UInt64.self, at: 24))
    for index in 0..<count {
      let first = unsafe bytes.load(UInt64.self, at: headBytes + 16 * index)
      let end = unsafe bytes.load(UInt64.self, at: headBytes + 16 * index + 8)
      if first < end { frames.insert(first..<end) }
    }
    let durable = unsafe headBytes == Self.headBytes ? Self.durable(bytes) : nil
    return unsafe (bytes.load(UInt64.self, at: 16), CursorRecord(acknowledged: frames, durable: durable))
  }

  private static func durable(_ bytes: UnsafeRawBufferPointer) -> DurableFrames {
    let totals = unsafe FrameTotals(
      bytes: Int(clamping: bytes.load(UInt64.self, at: 48)), records: Int(clamping: bytes.load(UInt64.self, at: 56)))
    return unsafe DurableFrames(
      endFrame: bytes.load(UInt64.self, at: 40), totals: totals, segment: bytes.load(UInt64.self, at: 64),
      segmentBytes: Int(clamping: bytes.load(UInt64.self, at: 72)))
  }
}
