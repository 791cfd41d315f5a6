import Gateway
import Options
import Testing

@Suite struct ConfigSubstitutionTests {
  private let environment = [
    "HOST": "es", "PORT": "9200", "EMPTY": "", "YAML": "{a: [1, 2]}", "NESTED": "${env:HOST}", "NAME": "HOST",
    "_x1": "u",
  ]

  /// The scalar that `text` becomes as the value of the key `k`, or the errors.
  private func expand(_ text: String, limits: ConfigLimits = ConfigLimits()) -> (text: String?, errors: [String]) {
    let report = ConfigReport()
    var substitution = ConfigSubstitution(environment: { environment[$0] }, limits: limits, report: report)
    let place = ConfigPlace(source: "f.yaml", line: 2, column: 3)
    let scalar = ConfigNode(.scalar(.init(text)), at: place)
    let map = ConfigNode(.map([.init(key: "k", place: place, value: scalar)]), at: place)
    let node = substitution.apply(to: map).entries?.first?.value
    if case .scalar(let scalar) = node?.content { return (scalar.text, report.errors.map(\.description)) }
    return (nil, report.errors.map(\.description))
  }

  @Test(arguments: [
    ("${env:HOST}", "es"), ("${HOST}", "es"), ("http://${env:HOST}:${PORT}/x", "http://es:9200/x"), ("plain", "plain"),
    ("${env:NONE:-d}", "d"), ("${NONE:-d}", "d"), ("${env:NONE:-}", ""), ("${env:HOST:-d}", "es"), ("${EMPTY:-d}", ""),
    ("${env:NONE:-a:-b}", "a:-b"), ("${env:NONE:-http://x:1/}", "http://x:1/"),
    ("${env:HOST:?give it}", "es"), ("${HOST:?}", "es"), ("$$", "$"), ("$$$$", "$$"),
    ("$${env:HOST}", "${env:HOST}"), ("$$${env:HOST}", "$es"), ("$HOST", "$HOST"), ("a$", "a$"), ("}{", "}{"),
    ("${env:${env:NAME}}", "es"), ("${env:NONE:-${HOST}!}", "es!"), ("${_x1}", "u"), ("é${HOST}é", "éesé"),
  ])
  func substitutes(_ text: String, _ expected: String) {
    let (found, errors) = expand(text)
    #expect(found == expected)
    #expect(errors == [])
  }

  @Test(arguments: [("${env:YAML}", "{a: [1, 2]}"), ("${env:NESTED}", "${env:HOST}")])
  func keepsWhatItPutsInAsText(_ text: String, _ expected: String) {
    #expect(expand(text).text == expected)
  }

  @Test(arguments: [
    ("${env:NONE:?give it}", "the environment variable NONE is not set: give it"),
    ("${NONE:?}", "the environment variable NONE is not set"),
    ("${NONE:?${HOST}}", "the environment variable NONE is not set"),
    ("${env:HOST", "\"${\" is not closed by \"}\"; write \"$${\" for the text \"${\""),
    ("${1}", "expected the name of an environment variable in \"${…}\"; write \"$${\" for the text \"${\""),
    ("${}", "expected the name of an environment variable in \"${…}\"; write \"$${\" for the text \"${\""),
    ("${env:A B}", "expected the name of an environment variable in \"${…}\"; write \"$${\" for the text \"${\""),
    (
      "${env:${HOST}-x}",
      "expected the name of an environment variable in \"${…}\"; write \"$${\" for the text \"${\""
    ),
    (
      "${http://x}",
      "the substitution scheme is not supported: use \"env\" or \"file\"; write \"$${\" for the text \"${\""
    ),
    ("${file:/no/such}", "cannot read the file /no/such: No such file or directory"),
    ("${file:}", "cannot read the file : the path is not valid"),
    ("${file:/}", "cannot read the file /: Is a directory"),
  ])
  func namesTheProblemAndItsPlace(_ text: String, _ expected: String) {
    let (found, errors) = expand(text)
    #expect(found == nil)
    #expect(errors == ["f.yaml:2:3: k: \(expected)"])
  }

  @Test func readsAFileWithoutItsLastNewline() throws {
    let file = try TemporaryFile("pa55\n\n")
    #expect(expand("${file:\(file.path)}").text == "pa55\n")
    let windows = try TemporaryFile("pa55\r\n")
    #expect(expand("<${file:\(windows.path)}>").text == "<pa55>")
  }

  @Test func takesTheLargestFileAndNoLarger() throws {
    var limits = ConfigLimits()
    limits.maxSubstitutedFileBytes = 5
    let (fits, large) = (try TemporaryFile("12345"), try TemporaryFile("123456"))
    #expect(expand("${file:\(fits.path)}", limits: limits).text == "12345")
    let expected = "f.yaml:2:3: k: cannot read the file \(large.path): it has 6 bytes, the limit is 5 bytes"
    #expect(expand("${file:\(large.path)}", limits: limits).errors == [expected])
  }

  @Test func doesNotReadAnEndlessFile() {
    #expect(expand("${file:/dev/zero}").errors.first?.contains("the limit is 1048576 bytes") == true)
  }

  @Test func refusesAFileThatIsNotUTF8() throws {
    let file = try TemporaryFile([0x70, 0xff])
    #expect(
      expand("${file:\(file.path)}").errors == [
        "f.yaml:2:3: k: cannot read the file \(file.path): its 2 bytes are not valid UTF-8"
      ])
  }

  @Test func limitsAllSubstitutedBytesTogether() {
    var limits = ConfigLimits()
    limits.maxSubstitutedBytes = 4
    #expect(expand("${HOST}${HOST}", limits: limits).text == "eses")
    let expected = "f.yaml:2:3: k: substitutions put in 6 bytes: the limit is 4 bytes"
    #expect(expand("${HOST}${HOST}${HOST}", limits: limits).errors == [expected])
  }

  @Test func limitsTheNesting() {
    let nested = { (levels: Int) in
      String(repeating: "${env:NONE:-", count: levels) + "x" + String(repeating: "}", count: levels)
    }
    #expect(expand(nested(8)).text == "x")
    #expect(expand(nested(9)).errors == ["f.yaml:2:3: k: found 9 levels of nested ${…}: the limit is 8"])
  }

  @Test func isReadByItsTypeAfterwards() throws {
    let environment = ["T": "7s", "S": "2MiB", "P": "x:1"]
    let yaml = withSink("timeout: ${env:T}\nsize: \"${env:S}\"\nendpoint: ${env:P}")
    let configuration = try load(yaml, environment: environment)
    let options = try #require(configuration.exporters.first?.options as? MadeUpOptions)
    #expect(options.timeout == .seconds(7))
    #expect(options.size == 2 << 20)
    #expect(options.endpoint == Endpoint(host: "x", port: 1))
  }

  @Test func isNeverRepeatedInAMessage() {
    let environment = ["T": "hunter2", "L": "hunter2"]
    let found = errors(withSink("timeout: ${env:T}\nsize: a${env:L}b\ntags: ${L}"), environment: environment)
    #expect(
      found == [
        "f.yaml:4:14: exporters.sink.timeout: expected a duration like \"10s\" or \"1h30m\", found "
          + "the value of ${env:T}",
        "f.yaml:5:11: exporters.sink.size: expected a size like \"64MiB\", \"64MB\" or "
          + "\"1048576\", found the value of ${env:L}",
      ])
  }

  /// As in the Collector, which says so too.
  @Test func aVariableThatIsNotSetIsNothing() throws {
    let yaml = withSink("timeout: ${env:NO}\ntags: ['a${env:NO}b', '${env:NO}c']\ntoken: '${env:NO}'")
    let configuration = try load(yaml, environment: [:])
    let options = try #require(configuration.exporters.first?.options as? MadeUpOptions)
    #expect(options.timeout == .seconds(5) && options.tags == ["ab", "c"] && options.token == nil)
    let warnings = configuration.warnings.map(\.description)
    #expect(warnings.count == 4)
    #expect(
      warnings.first
        == "f.yaml:4:14: warning: exporters.sink.timeout: the environment variable NO is not set, and read "
        + "as nothing")
  }

  @Test func saysThatAVariableIsEmpty() {
    let found = errors(withSink("endpoint: ${env:E}"), environment: ["E": ""])
    #expect(found == ["f.yaml:4:15: exporters.sink.endpoint: expected host:port, found nothing in ${env:E}"])
  }
}
