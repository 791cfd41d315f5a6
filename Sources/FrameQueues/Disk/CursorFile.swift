// The file `cursor` of a queue directory: which frames have been acknowledged.
//
// Two slots of 4096 bytes. The one with the higher generation whose checksum holds is valid. Until a slot is known to
// have reached the disk, only that slot is written, so a power cut in the middle of a write leaves the other one. After a
// sync that failed it is written again before the next: the system may count as written what it could not write.
//
//   0 "SLUICECU"   8 version u32   12 ranges u32   16 generation u64   24 low frame u64   32 fingerprint u64
//   40 ranges, each first u64 and end u64   then checksum u32

/// The durable record of what has been acknowledged.
struct CursorFile {
  static let name = "cursor"
  static let slotBytes = 4096
  /// More ranges than this are not recorded: their frames would be delivered again after a crash.
  static let maxRanges = (slotBytes - headBytes - 4) / 16
  private static let headBytes = 40
  private static let magic: UInt64 = 0x5543_4543_4955_4c53

  private let file: FileHandle
  private let fingerprint: UInt64
  private var generation: UInt64 = 0
  private var slot = 0
  /// What was written last, or was to be.
  private var written = AcknowledgedFrames(low: 0)
  /// True if the last write has not been synced.
  private(set) var isDirty = false
  /// True if a write or sync failed, so that what the slot holds is not known.
  private var isUncertain = false
  /// The valid slot as it was read, until it is known to have reached the disk.
  private var found: [UInt8]?

  /// What a cursor file held.
  enum Content: Equatable {
    case acknowledged(AcknowledgedFrames)
    /// There was no file, or an empty one.
    case nothing
    /// Neither slot can be read.
    case damaged
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
      guard let (generation, frames) = bytes.withUnsafeBytes({ decode($0) }), generation >= self.generation
      else { continue }
      self.generation = generation
      slot = 1 - index
      found = bytes
      content = .acknowledged(frames)
    }
    return content
  }

  /// Records what is acknowledged; it reaches the disk with the next `sync`.
  mutating func write(_ frames: AcknowledgedFrames) throws(FileError) {
    generation &+= 1
    (written, isDirty, isUncertain) = (frames, true, true)
    try file.write(encode(frames), at: slot * Self.slotBytes)
    isUncertain = false
  }

  /// True if that is what was written last.
  func says(_ frames: AcknowledgedFrames) -> Bool { frames == written && !isUncertain }

  /// What of the acknowledged frames finds room in a slot.
  static func recorded(_ frames: AcknowledgedFrames) -> AcknowledgedFrames { frames.limited(toRanges: maxRanges) }

  /// Writes both slots, so that the file has its full size. The process before may have written the valid one without
  /// its having reached the disk, so that is first written as it is.
  mutating func writeBoth(_ frames: AcknowledgedFrames) throws(FileError) {
    if let found {
      try file.write(found, at: (1 - slot) * Self.slotBytes)
      try file.sync()
    }
    found = nil
    for _ in 0...1 {
      try write(frames)
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

  private func encode(_ frames: AcknowledgedFrames) -> [UInt8] {
    let ranges = Self.recorded(frames).ranges
    var bytes = [UInt8](repeating: 0, count: Self.slotBytes)
    bytes.withUnsafeMutableBytes { bytes in
      bytes.store(Self.magic, at: 0)
      bytes.store(SegmentFormat.version, at: 8)
      bytes.store(UInt32(clamping: ranges.count), at: 12)
      bytes.store(generation, at: 16)
      bytes.store(frames.low, at: 24)
      bytes.store(fingerprint, at: 32)
      for (index, range) in ranges.enumerated() {
        bytes.store(range.lowerBound, at: Self.headBytes + 16 * index)
        bytes.store(range.upperBound, at: Self.headBytes + 16 * index + 8)
      }
      bytes.seal(0..<(Self.headBytes + 16 * ranges.count + 4), salt: 0)
    }
    return bytes
  }

  private func decode(_ bytes: UnsafeRawBufferPointer) -> (generation: UInt64, frames: AcknowledgedFrames)? {
    let count = Int(bytes.load(UInt32.self, at: 12))
    guard bytes.load(UInt64.self, at: 0) == Self.magic, bytes.load(UInt32.self, at: 8) == SegmentFormat.version,
      bytes.load(UInt64.self, at: 32) == fingerprint, count <= Self.maxRanges,
      bytes.isSealed(0..<(Self.headBytes + 16 * count + 4), salt: 0)
    else { return nil }
    var frames = AcknowledgedFrames(low: bytes.load(UInt64.self, at: 24))
    for index in 0..<count {
      let first = bytes.load(UInt64.self, at: Self.headBytes + 16 * index)
      let end = bytes.load(UInt64.self, at: Self.headBytes + 16 * index + 8)
      if first < end { frames.insert(first..<end) }
    }
    return (bytes.load(UInt64.self, at: 16), frames)
  }
}
