import Glibc

/// Reads a file of dead letters line by line. Memory is bounded by the longest line, which is cut at `maxLineBytes`.
package struct DeadLetterReader: ~Copyable {
  /// A line that stands in the file.
  package struct Line: Sendable {
    /// Where it lies, its end included.
    package let range: Range<Int>
    /// Without its end; empty if it is longer than `maxLineBytes`.
    package let bytes: [UInt8]

    /// The dead letter it holds; nil if it holds none.
    package var letter: DeadLetter? { DeadLetter(line: bytes) }

    /// Where it stands, and what tells it from another that stands there later.
    package var place: DeadLetterPlace { DeadLetterPlace(offset: range.lowerBound, checksum: Self.checksum(bytes)) }

    /// Of this process alone, so that it tells nobody what a line says.
    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
      var hasher = Hasher()
      bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
      return UInt64(UInt(bitPattern: hasher.finalize()))
    }
  }

  /// Longer lines are read over.
  package static let maxLineBytes = 512 << 20
  private static let chunkBytes = 256 << 10

  private let descriptor: Int32
  private let path: String
  /// Just past the last line read.
  package private(set) var offset: Int
  private var buffer: [UInt8] = []
  private var nextByte = 0
  private var readEnd: Int

  /// Reads a file from a place on where a line begins.
  package init(path: String, from offset: Int = 0) throws(FileFailure) {
    descriptor = try openRegularFile(path)
    self.path = path
    self.offset = offset
    readEnd = offset
  }

  deinit { _ = close(descriptor) }

  /// True if not one byte has been read.
  var hasReadNothing: Bool { readEnd == 0 }

  /// The next line; nil at the end of the file. What follows the last line end is no line yet.
  package mutating func next() throws(FileFailure) -> Line? {
    var line: [UInt8] = []
    var length = 0
    while true {
      if nextByte == buffer.count, try !fill() { return nil }
      let rest = buffer[nextByte...]
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      let part = rest[..<(end ?? rest.endIndex)]
      length &+= part.count
      if length <= Self.maxLineBytes { line += part } else { line = [] }
      guard let end else {
        nextByte = buffer.count
        continue
      }
      nextByte = end + 1
      let range = offset..<(offset + length + 1)
      offset = range.upperBound
      return Line(range: range, bytes: line)
    }
  }

  /// Reads on; false at the end of the file.
  private mutating func fill() throws(FileFailure) -> Bool {
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    let count = try readBytes(of: descriptor, at: readEnd, into: &chunk, path: path)
    buffer = Array(chunk.prefix(count))
    nextByte = 0
    readEnd += count
    return count > 0
  }
}

/// A letter's place in its file, as this process names it. It holds until the file is rewritten.
package struct DeadLetterPlace: Sendable, Hashable, CustomStringConvertible {
  package let offset: Int
  let checksum: UInt64

  /// The form that `init` reads.
  package var description: String { "\(offset)-\(String(checksum, radix: 16))" }
}

extension DeadLetterPlace {
  /// Reads `description`; nil if the text is no place.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let offset = Int(parts[0]), offset >= 0, let checksum = UInt64(parts[1], radix: 16) else {
      return nil
    }
    self.init(offset: offset, checksum: checksum)
  }
}

/// Reads what is at `offset` of a file, as much as fits; 0 at its end.
func readBytes(of descriptor: Int32, at offset: Int, into bytes: inout [UInt8], path: String) throws(FileFailure) -> Int
{
  while true {
    let wanted = bytes.count
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, wanted, off_t(offset)) }
    if count >= 0 { return count }
    if errno != EINTR { throw FileFailure("cannot read \(path)", errno: errno) }
  }
}

/// Opens a file to be read; anything but a regular file, which might be waited for or read for ever, is refused.
func openRegularFile(_ path: String) throws(FileFailure) -> Int32 {
  let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard opened >= 0 else { throw FileFailure("cannot open \(path)", errno: errno) }
  var status = stat()
  if fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return opened }
  _ = close(opened)
  throw FileFailure("\(path) is not a regular file")
}
