import Glibc

/// Reads the header fields of a file: `Name: value` lines, among which lines may be empty. Errors name the line and
/// nothing of what stands in it.
package func headerFields(inFile path: String) throws -> [(name: String, value: String)] {
  let bytes = try wholeFile(path, limitBytes: 64 << 10)
  var fields: [(name: String, value: String)] = []
  for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
    let line = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    if line.allSatisfy({ $0 == " " || $0 == "\t" }) { continue }
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count > 1 ? String(parts[1].drop { $0 == " " || $0 == "\t" }) : ""
    guard parts.count == 2, HTTPSenderOptions.isValid(name: String(parts[0]), value: value) else {
      throw SenderConfigurationError("\(path), line \(index + 1): expected a header field such as Name: value")
    }
    guard fields.count < 100 else {
      throw SenderConfigurationError("\(path), line \(index + 1): more than the 100 header fields that may be given")
    }
    fields.append((String(parts[0]), value))
  }
  return fields
}

private func wholeFile(_ path: String, limitBytes: Int) throws -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw FileFailure("cannot open \(path)", errno: errno) }
  defer { _ = close(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while bytes.count <= limitBytes {
    let count = chunk.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    if count == 0 { return bytes }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { throw FileFailure("cannot read \(path)", errno: errno) }
    bytes += chunk.prefix(count)
  }
  throw SenderConfigurationError("\(path): more than the \(limitBytes) bytes that header fields may take")
}
