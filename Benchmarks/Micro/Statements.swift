import LogPipeline
import Options

/// A node of a configuration with these lists of texts.
private func node(_ lists: [(String, [String])]) -> ConfigNode {
  let place = ConfigPlace(source: "micro")
  let entries = lists.map { key, texts in
    let items = texts.map { ConfigNode(.scalar(.init($0, isQuoted: true)), at: place) }
    return ConfigNode.Entry(key: key, place: place, value: ConfigNode(.list(items), at: place))
  }
  return ConfigNode(.map(entries), at: place)
}

/// A processor of type `transform` with these statements.
func transform(_ statements: String...) -> (any Processor)? {
  let reader = ConfigReader(node([("log_statements", statements)]), path: "transform", report: ConfigReport())
  return TransformOptions(reader).makeProcessor(id: "transform")
}

/// A processor of type `filter` with this condition.
func filter(_ condition: String) -> (any Processor)? {
  let reader = ConfigReader(node([("log_conditions", [condition])]), path: "filter", report: ConfigReport())
  return FilterOptions(reader).makeProcessor(id: "filter")
}

/// Processors that run OTTL over the records of the payload.
func statements() -> [(String, any Processor)] {
  let pattern = #"^(heartbeat|health check)"#
  let made: [(String, (any Processor)?)] = [
    ("ottl-severity", filter("log.severity_number > 20")),
    ("ottl-body-regexp", filter(#"IsMatch(log.body, "\#(pattern)")"#)),
    ("ottl-severity-and-body", filter(#"log.severity_number < 9 and IsMatch(log.body, "\#(pattern)")"#)),
    (
      "ottl-five-statements",
      transform(
        #"set(log.attributes["deployment"], "blue")"#,
        #"set(log.attributes["tier"], resource.attributes["service.name"])"#,
        #"set(log.severity_text, "LOW") where log.severity_number < 9"#,
        #"delete_key(log.attributes, "thread.name")"#,
        #"set(log.attributes["http.request.method"], "/") where log.attributes["http.request.method"] != nil"#)
    ),
  ]
  return made.compactMap { name, processor in processor.map { (name, $0) } }
}

/// Bodies of 300 bytes that are JSON, of ten members.
let jsonBodies = [
  #"{"time":"2026-11-23T10:15:30.123Z","level":"info","logger":"c.e.s.Checkout","msg":"order placed for customer 84213 in 153 ms, 3 items","order":2026112300012345,"total":129.95,"currency":"EUR","region":"eu-central-1","cached":false,"trace":"4bf92f3577b34da6a3ce929d0e0e4736","span":"00f067aa0ba902b7"}"#
]
