import Testing

@testable import LogPipeline

@Suite struct OTTLFunctionTests {
  @Test func editorsBeginWithASmallLetter() {
    #expect(OTTLFunction("set", []).isEditor)
    #expect(!OTTLFunction("IsMap", []).isEditor)
  }

  @Test func whatMayBeLeftOutIsNotCounted() {
    let function = OTTLFunction("F", [.init("a", .value(.any)), .optional("b", .value(.int), default: .int(1))])
    #expect(function.requiredCount == 1)
    #expect(function.parameters.map(\.isOptional) == [false, true])
    #expect(function.parameters[1].fallback == .int(1))
  }

  @Test func constantsAreAskedForByParameter() {
    let constants = OTTLConstants(values: [.text("a"), nil, .int(2), .list([.int(1)])])
    #expect(constants.text(0) == [0x61])
    #expect(constants[1] == nil && constants[9] == nil)
    #expect(constants.text(2) == nil && constants.int(2) == 2)
    #expect(constants.list(3) == [.int(1)] && constants.list(0) == nil)
  }

  /// What is declared once cannot be meant by another name too.
  @Test func everyFunctionHasANameOfItsOwn() {
    let functions = OTTLFunctionGroup.allCases.flatMap(\.functions)
    #expect(Set(functions.map(\.name)).count == functions.count)
    for function in functions {
      let optional = function.parameters.firstIndex { $0.isOptional } ?? function.parameters.count
      let required = function.parameters[optional...].count { !$0.isOptional }
      #expect(required == 0, "\(function.name)")
    }
  }
}
