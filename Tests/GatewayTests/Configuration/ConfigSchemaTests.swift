import Foundation
import Options
import Testing

@testable import Gateway

@Suite struct ConfigSchemaTests {
  private let root: [String: Any]

  init() throws {
    let object = try JSONSerialization.jsonObject(with: Data(ComponentRegistry.standard.schema().utf8))
    root = try #require(object as? [String: Any])
  }

  /// What stands behind keys, one within the other.
  private func at(_ keys: String...) throws -> [String: Any] {
    try keys.reduce(root) { node, key in try #require(node[key] as? [String: Any], "\(key)") }
  }

  @Test(arguments: ComponentKind.allCases) func hasEveryComponent(_ kind: ComponentKind) throws {
    let section = try at("properties", kind.rawValue, "patternProperties")
    let names = ComponentRegistry.standard.types(kind).map { "^\($0.name)(/.+)?$" }
    #expect(section.keys.sorted() == names.sorted())
  }

  @Test func hasTypesDefaultsAndSentences() throws {
    let otlp = try at("properties", "receivers", "patternProperties", "^otlp(/.+)?$")
    let properties = try #require(otlp["properties"] as? [String: Any])
    let wait = try #require(properties["retry_after"] as? [String: Any])
    #expect(wait["default"] as? String == "5s" && (wait["description"] as? String)?.isEmpty == false)
    let choice = try #require(properties["other_signals"] as? [String: Any])
    let any = try #require(choice["anyOf"] as? [[String: Any]])
    #expect(any.first?["enum"] as? [String] == ["refuse", "discard"])
    let limits = try #require((properties["limits"] as? [String: Any])?["properties"] as? [String: Any])
    let depth = try #require(limits["max_depth"] as? [String: Any])
    #expect(depth["default"] as? Int == 64 && depth["type"] as? [String] == ["integer", "string", "null"])
    #expect((limits["mend_time_units"] as? [String: Any])?["default"] as? Bool == true)
  }

  @Test func hasListsMapsAndWhatIsRequired() throws {
    let file = try at("properties", "exporters", "patternProperties", "^file(/.+)?$")
    #expect(file["required"] as? [String] == ["path"])
    let http = try at("properties", "exporters", "patternProperties", "^otlphttp(/.+)?$", "properties", "headers")
    #expect(http["type"] as? [String] == ["object", "array", "null"])
    let pipeline = try at("properties", "service", "properties", "extensions")
    #expect(pipeline["type"] as? [String] == ["array", "string", "null"])
    let actions = try at("properties", "processors", "patternProperties", "^attributes(/.+)?$", "properties", "actions")
    let item = try #require(actions["items"] as? [String: Any])
    #expect((item["properties"] as? [String: Any])?["from_context"] != nil)
  }

  /// Secrets have no default to show.
  @Test func showsNoSecret() {
    #expect(!ComponentRegistry.standard.schema().contains(Secret.redacted))
  }
}
