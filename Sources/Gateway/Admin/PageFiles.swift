import CPage
import HTTPTransport
import LogPipeline
import NIOCore

/// The files of the page, by the paths that browsers ask for.
struct PageFiles: Sendable {
  /// One file with what a browser is told of it.
  struct File: Sendable {
    let type: String
    let body: ByteBuffer
    /// Changes with what is in the file.
    let tag: String
  }

  /// What the program was built with.
  static let built = PageFiles()

  private var files: [String: File] = [:]

  private init() {
    var index = 0
    while let file = page_file_at(index)?.pointee {
      let bytes = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
      let digest = SHA256.digest(of: bytes)
      let name = String(cString: file.name)
      files[name == "index.html" ? "/" : "/\(name)"] = File(
        type: String(cString: file.type), body: ByteBuffer(bytes: bytes),
        tag: "\"\(String(digest[0], radix: 16))\(String(digest[1], radix: 16))\"")
      index += 1
    }
  }

  /// The paths that there are.
  var paths: [String] { files.keys.sorted() }

  /// The file at a path.
  subscript(_ path: String) -> File? { files[path] }

  /// Nothing runs or shows in the page that is not the gateway's own, no text becomes markup, and nothing shows the
  /// page inside of another.
  private static let policy =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    + "require-trusted-types-for 'script'"

  /// The answer to who asks for a path, and perhaps has the file already; nil for a path that there is not.
  func answer(to head: HTTPRequestHead) -> HTTPResponse? {
    guard let file = files[head.path] else { return nil }
    var headers = HTTPHeaders([
      ("Content-Type", file.type), ("ETag", file.tag), ("Cache-Control", "no-cache"),
      ("Content-Security-Policy", Self.policy), ("Cross-Origin-Opener-Policy", "same-origin"),
    ])
    headers.add(contentsOf: AdminAccess.headers)
    let known = head.headers["if-none-match"].joined(separator: ",").split(separator: ",")
    let isKnown = known.contains { $0.filter { $0 != " " } == file.tag }
    return HTTPResponse(status: isKnown ? 304 : 200, headers: headers, body: isKnown ? ByteBuffer() : file.body)
  }
}
