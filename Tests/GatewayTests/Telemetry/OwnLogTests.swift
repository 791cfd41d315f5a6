import Foundation
import Logging
import Testing

@testable import Gateway

@Suite struct OwnLogTests {
  private static let hostile = [
    "a\nb", "a\r\nb", "\u{1B}[2J", "\u{0}", "\u{7F}", "\u{85}", "\u{9B}31m", "a\u{2028}b", "a\u{2029}b", "\u{202E}evil",
    "\u{E0041}", "\" x=\"", "back\\slash",
  ]

  @Test func writesALineOfText() {
    let line = OwnLog.console(
      "T", .warning, "request refused", [("count", "3"), ("reason", "too large"), ("none", "")])
    #expect(line == "T warning request refused count=3 reason=\"too large\" none=\"\"\n")
  }

  @Test func writesALineOfJSON() throws {
    let line = OwnLog.json("T", .error, "say \"what\"", [("a/b", "c\\d")])
    #expect(line == #"{"time":"T","level":"error","message":"say \"what\"","a/b":"c\\d"}"# + "\n")
  }

  @Test(arguments: hostile)
  func noTextForgesALineOrDrivesATerminal(_ text: String) {
    for line in [
      OwnLog.console("T", .info, "said \(text)", [("x", text)]),
      OwnLog.json("T", .info, text, [("x", text), (text, "y")]),
    ] {
      #expect(line.hasSuffix("\n"))
      let isVisible = line.dropLast().unicodeScalars.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
      }
      #expect(isVisible, "\(line.debugDescription)")
    }
  }

  @Test(arguments: hostile)
  func aLineOfJSONReadsBackAsItWasMeant(_ text: String) throws {
    let line = OwnLog.json("T", .info, text, [("x", text)])
    let read = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
    #expect(read == ["time": "T", "level": "info", "message": text, "x": text])
  }

  @Test(arguments: ["a b", "a=b", "a\"b", "", "ü"])
  func quotesValuesThatCouldBeMistaken(_ text: String) {
    #expect(OwnLog.console("T", .info, "m", [("x", text)]) == "T info m x=\(OwnLog.quoted(text))\n")
  }

  @Test(arguments: [("debug", Logger.Level.debug), ("info", .info), ("warn", .warning), ("error", .error)])
  func logsFromTheConfiguredLevelOn(_ name: String, _ level: Logger.Level) throws {
    let yaml = withExporter("nop", "").replacingOccurrences(
      of: "telemetry: {", with: "telemetry: {logs: {level: \(name), encoding: json}, ")
    let telemetry = try loadStandard(yaml).service.telemetry
    #expect(OwnLog.logger(telemetry).logLevel == level)
    #expect(telemetry.logEncoding == .json)
  }

  @Test func loggersFollowTheirSettings() throws {
    let settings = LogSettings()
    let logger = OwnLog.logger(settings)
    #expect(logger.logLevel == .info && settings.encoding == .console)
    let yaml = withExporter("nop", "").replacingOccurrences(
      of: "telemetry: {", with: "telemetry: {logs: {level: error, encoding: json}, ")
    settings.use(try loadStandard(yaml).service.telemetry)
    #expect(logger.logLevel == .error && settings.encoding == .json)
    var own = logger
    own.logLevel = .debug
    #expect(own.logLevel == .debug && logger.logLevel == .error)
  }
}
