import LogPipeline

/// The parts of OTLP messages that both metrics and logs of the gateway have.
extension ByteWriter {
  /// Appends a field that holds text.
  mutating func appendField(_ tag: UInt8, _ text: String) {
    let field = openField(tag, room: 1)
    append(text: text)
    close(field)
  }

  /// Appends a field that holds a message.
  mutating func appendMessage(_ tag: UInt8, _ write: (inout ByteWriter) -> Void) {
    let field = openField(tag, room: 2)
    write(&self)
    close(field)
  }

  /// Appends a `KeyValue` with text.
  mutating func appendAttribute(_ tag: UInt8, _ key: String, _ value: String) {
    appendMessage(tag) { attribute in
      attribute.appendField(0x0A, key)
      attribute.appendMessage(0x12) { $0.appendField(0x0A, value) }
    }
  }

  /// Appends one field of a request: the resource with one scope, which `write` fills.
  mutating func appendOwn(_ resource: OwnResource, _ write: (inout ByteWriter) -> Void) {
    appendMessage(0x0A) { group in
      group.appendMessage(0x0A) { message in
        for (key, value) in resource.attributes { message.appendAttribute(0x0A, key, value) }
      }
      group.appendMessage(0x12) { scope in
        scope.appendMessage(0x0A) { names in
          names.appendField(0x0A, OwnResource.scope)
          names.appendField(0x12, OwnResource.version)
        }
        write(&scope)
      }
    }
  }
}
