/// The parts of what is explained, compiled so that each can be evaluated by itself.
struct OTTLCompiledParts {
  /// One part with its node.
  struct Part {
    let part: OTTLPart
    let node: UInt32
    let parts: [Part]
    /// The nodes of what a comparison compares.
    var sides: (left: UInt32, right: UInt32)?
    /// The arguments of a call.
    var arguments: [Argument] = []
    /// The keys of a path.
    var steps: [Step] = []
  }

  /// A key of a path that is a constant text, and the node of what it is looked up in.
  struct Step {
    let key: String
    let node: UInt32
  }

  /// An argument of a call, and what the call wants of it.
  struct Argument {
    let name: String
    let wanted: OTTLWanted
    let node: UInt32
  }

  /// An editor's call.
  struct Editor {
    let text: String
    let node: UInt32
    /// What it changes: its first argument.
    let target: (text: String, node: UInt32)?
    /// What `set` gives its target.
    let value: UInt32?
    /// The type that the target has; nil if it may be of any.
    let wanted: OTTLValue.Kind?
    let arguments: [Argument]
  }

  let code: OTTLCode
  /// The condition behind `where`, or the condition that is explained.
  private(set) var condition: Part?
  /// The parts of an editor's arguments, or the value that is explained.
  private(set) var values: [Part] = []
  private(set) var editor: Editor?

  init(_ subject: OTTLExplainer.Subject, in context: OTTLContext) throws(OTTLLoadError) {
    var compiler = OTTLCompiler(functions: .all)
    compiler.context = context
    switch subject {
    case .statement(let statement):
      let call = statement.editor
      let node = try compiler.statement(statement).step.editor
      var target: (text: String, node: UInt32)?
      if let first = call.arguments.first?.value, case .path(let path) = first.kind {
        target = (path.description, try compiler.value(first))
      }
      var value: UInt32?
      if call.name == "set", let second = call.arguments.dropFirst().first?.value { value = try compiler.value(second) }
      editor = Editor(
        text: call.description, node: node, target: target, value: value,
        wanted: target.flatMap { compiler.kind(of: $0.node) }, arguments: try compiler.arguments(of: call))
      if let tree = statement.condition { condition = try compiler.part(OTTLPart(tree)) }
      for part in OTTLPart.parts(of: call.arguments.dropFirst().map(\.value)) {
        values.append(try compiler.part(part))
      }
    case .condition(let tree): condition = try compiler.part(OTTLPart(tree))
    case .value(let value):
      values.append(try compiler.part(OTTLPart(whole: value)))
    }
    code = compiler.code
  }
}
