import Foundation
import HTTPTransport
import NIOCore
import Testing

@testable import Gateway

@Suite struct PageFilesTests {
  private let files = PageFiles.built
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../Sources/CPage/Page").standardizedFileURL

  private func answer(_ path: String, _ headers: HTTPHeaders = [:]) -> HTTPResponse? {
    files.answer(to: HTTPRequestHead(method: "GET", path: path, headers: headers))
  }

  @Test func everyFileOfTheFolderIsServedAsItIs() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names.contains("index.html") && names.count > 10)
    #expect(files.paths == names.map { $0 == "index.html" ? "/" : "/\($0)" }.sorted())
    for name in names {
      let bytes = try Data(contentsOf: folder.appendingPathComponent(name))
      let file = try #require(files[name == "index.html" ? "/" : "/\(name)"])
      #expect(Data(file.body.readableBytesView) == bytes, "\(name) was changed since the program was built")
    }
  }

  @Test func allFilesTogetherAreSmall() {
    #expect(files.paths.reduce(0) { $0 + (files[$1]?.body.readableBytes ?? 0) } <= 200 << 10)
  }

  @Test(arguments: [
    ("/", "text/html; charset=utf-8"), ("/page.css", "text/css; charset=utf-8"), ("/icon.svg", "image/svg+xml"),
    ("/app.js", "text/javascript; charset=utf-8"),
  ])
  func aBrowserIsToldWhatAFileIs(_ path: String, _ type: String) throws {
    let response = try #require(answer(path))
    #expect(response.status == 200)
    #expect(response.headers["content-type"] == [type])
    #expect(response.headers["x-content-type-options"] == ["nosniff"])
    #expect(response.headers["x-frame-options"] == ["DENY"])
    #expect(response.headers["referrer-policy"] == ["no-referrer"])
    let policy = try #require(response.headers.first(name: "content-security-policy"))
    #expect(policy.hasPrefix("default-src 'self';"))
    #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("data:"))
  }

  @Test func aFileThatTheBrowserHasIsNotSentAgain() throws {
    let tag = try #require(answer("/app.js")?.headers.first(name: "etag"))
    for known in [tag, "\"other\", \(tag)"] {
      let again = try #require(answer("/app.js", ["If-None-Match": known]))
      #expect(again.status == 304)
      #expect(again.body.readableBytes == 0)
      #expect(again.headers.first(name: "etag") == tag)
    }
    for other in ["\"other\"", "", String(tag.dropLast())] {
      #expect(answer("/app.js", ["If-None-Match": other])?.status == 200)
    }
    #expect(answer("/dom.js")?.headers.first(name: "etag") != tag)
  }

  @Test(arguments: ["", "/index.html", "/app.js/", "//app.js", "/Page/app.js", "/../app.js", "/%61pp.js"])
  func otherPathsAreNotThere(_ path: String) { #expect(answer(path) == nil) }

  /// Nothing of a page may come from elsewhere or be code in the markup: the policy would not let it.
  @Test func nothingComesFromElsewhere() throws {
    for path in files.paths {
      let text = String(buffer: try #require(files[path]).body)
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let place = "\(path):\(index + 1)"
        #expect(!line.contains("innerHTML") && !line.contains("insertAdjacentHTML"), "\(place)")
        #expect(!line.contains("https://") && !line.contains(" url(") && !line.contains(":url("), "\(place)")
        #expect(!line.contains(" onclick=\"") && !line.contains(" style=\""), "\(place)")
        let isOwn = !line.contains("http://") || line.contains("www.w3.org/2000/svg") || line.contains("http://${http}")
        #expect(isOwn, "\(place)")
      }
    }
  }
}
