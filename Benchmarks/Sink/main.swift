import Dispatch
import Glibc
import Synchronization

/// `sluice-sink PORT`: a backend that takes everything and keeps nothing, so that it costs the machine as little as
/// may be. It answers `_bulk` as Elasticsearch does when all went well, `GET /counts` with what came so far, and
/// anything else with 200 and no body. HTTP/1.1 with Content-Length only; a thread for each connection.
struct Counts {
  var requests = 0
  var bytes = 0
  var lines = 0
  /// When the last body ended, in nanoseconds of the monotonic clock.
  var lastNano: UInt64 = 0

  var json: String {
    #"{"requests":\#(requests),"bytes":\#(bytes),"lines":\#(lines),"last_nano":\#(lastNano)}"#
  }
}

let counts = Mutex(Counts())

func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// One connection, read with a buffer that requests and their bodies pass through.
struct Connection {
  let socket: Int32
  var buffer = [UInt8](repeating: 0, count: 1 << 18)
  /// What was read and not looked at yet lies at `start..<end` of the buffer.
  var start = 0
  var end = 0

  /// Serves requests until the peer leaves or sends what is not understood.
  mutating func serve() {
    while let head = readHead(), let length = contentLength(of: head), let lines = skipBody(length) {
      let first = head.prefix { $0 != "\r\n" }
      if first.hasPrefix("GET /counts ") {
        answer(counts.withLock { $0.json })
        continue
      }
      counts.withLock {
        $0.requests += 1
        $0.bytes += length
        $0.lines += lines
        $0.lastNano = now()
      }
      answer(first.contains("/_bulk") ? Self.bulkAnswer(items: lines / 2) : "")
    }
    close(socket)
  }

  /// An item for each record, as is asked for: without them an answer proves nothing.
  private static func bulkAnswer(items: Int) -> String {
    let first = #"{"took":1,"errors":false,"items":["#
    guard items > 0 else { return first + "]}" }
    let item = #"{"create":{"status":201}}"#
    return first + item + String(repeating: "," + item, count: items - 1) + "]}"
  }

  /// Makes more of the stream readable at `start`; false at its end.
  private mutating func fill() -> Bool {
    if start == end { (start, end) = (0, 0) }
    if end == buffer.count {
      guard start > 0 else { return false }
      buffer.replaceSubrange(0..<end - start, with: Array(buffer[start..<end]))
      (start, end) = (0, end - start)
    }
    let count = buffer.withUnsafeMutableBytes { bytes in
      read(socket, bytes.baseAddress.map { $0 + end }, bytes.count - end)
    }
    guard count > 0 else { return false }
    end += count
    return true
  }

  private mutating func readHead() -> String? {
    var looked = start
    while true {
      while looked + 4 <= end {
        if buffer[looked] == 13, buffer[looked + 1] == 10, buffer[looked + 2] == 13, buffer[looked + 3] == 10 {
          defer { start = looked + 4 }
          return String(decoding: buffer[start..<looked], as: UTF8.self)
        }
        looked += 1
      }
      let seen = looked - start
      guard fill() else { return nil }
      looked = start + seen
    }
  }

  private func contentLength(of head: String) -> Int? {
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
      return Int(line.dropFirst(15).drop { $0 == " " })
    }
    return head.hasPrefix("GET ") ? 0 : nil
  }

  /// Reads a body and forgets it; how many lines it had.
  private mutating func skipBody(_ length: Int) -> Int? {
    var left = length
    var lines = 0
    while left > 0 {
      if start == end, !fill() { return nil }
      let taken = min(left, end - start)
      lines += countLines(start..<start + taken)
      start += taken
      left -= taken
    }
    return lines
  }

  private func countLines(_ range: Range<Int>) -> Int {
    buffer.withUnsafeBytes { bytes in
      var lines = 0
      var rest = UnsafeRawBufferPointer(rebasing: bytes[range])
      while let base = rest.baseAddress, let found = memchr(base, 10, rest.count) {
        lines += 1
        rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(found) - base + 1)...])
      }
      return lines
    }
  }

  private func answer(_ body: String) {
    let text =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Elastic-Product: Elasticsearch\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }
}

func listen(on port: UInt16) -> Int32? {
  let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var yes: Int32 = 1
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let bound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  return bound == 0 && Glibc.listen(listener, 128) == 0 ? listener : nil
}

guard let port = CommandLine.arguments.dropFirst().first.flatMap({ UInt16($0) }), let listener = listen(on: port) else {
  print("usage: sluice-sink PORT, of 127.0.0.1 and free")
  exit(64)
}
while true {
  let accepted = accept(listener, nil, nil)
  guard accepted >= 0 else { continue }
  var yes: Int32 = 1
  setsockopt(accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  DispatchQueue(label: "connection").async {
    var connection = Connection(socket: accepted)
    connection.serve()
  }
}
