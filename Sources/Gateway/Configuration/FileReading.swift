import Glibc

/// Why a file could not be read, without its content.
package struct FileReadError: Error, Sendable {
  /// The system's words, or the sizes of a file that is too large.
  package var reason: String
}

/// Reads a whole file of at most `maxBytes`; nothing past the limit is kept.
package func readFile(_ path: String, maxBytes: Int) throws(FileReadError) -> [UInt8] {
  guard !path.isEmpty, !path.utf8.contains(0) else { throw FileReadError(reason: "the path is not valid") }
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileReadError(reason: systemReason(errno)) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw FileReadError(reason: systemReason(errno)) }
    if count == 0 { return bytes }
    guard bytes.count + count <= maxBytes else {
      throw FileReadError(reason: "it has at least \(bytes.count + count) bytes, the limit is \(maxBytes) bytes")
    }
    bytes += chunk.prefix(count)
  }
}

/// The system's words for an error number.
func systemReason(_ number: CInt) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  _ = strerror_r(number, &buffer, buffer.count - 1)
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
