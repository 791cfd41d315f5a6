import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct HTTP2AbuseBudgetsTests {
  /// A kind of frame, the option that limits it, and the name it is refused by.
  struct Flood: Sendable, CustomStringConvertible {
    let frame: HTTP2Frame
    let limit: @Sendable (inout HTTP2Limits) -> Void
    let abuse: HTTPAbuse
    var description: String { abuse.rawValue }
  }

  static let floods: [Flood] = [
    Flood(frame: frame(HTTP2Frame.resetStream), limit: { $0.maxResets = 5 }, abuse: .rapidReset),
    Flood(frame: frame(HTTP2Frame.ping), limit: { $0.maxPings = 5 }, abuse: .pingFlood),
    Flood(frame: frame(HTTP2Frame.settings), limit: { $0.maxSettings = 5 }, abuse: .settingsFlood),
    Flood(frame: frame(HTTP2Frame.data), limit: { $0.maxEmptyData = 5 }, abuse: .emptyDataFlood),
    Flood(frame: frame(HTTP2Frame.continuation), limit: { $0.maxContinuations = 5 }, abuse: .continuationFlood),
    Flood(frame: frame(HTTP2Frame.priority), limit: { $0.maxPriorities = 5 }, abuse: .priorityFlood),
    Flood(frame: frame(HTTP2Frame.priorityUpdate), limit: { $0.maxPriorities = 5 }, abuse: .priorityFlood),
    Flood(frame: frame(HTTP2Frame.windowUpdate), limit: { $0.maxWindowUpdates = 5 }, abuse: .windowUpdateFlood),
    Flood(frame: frame(HTTP2Frame.goAway), limit: { $0.maxGoAways = 5 }, abuse: .goAwayFlood),
    Flood(frame: frame(10), limit: { $0.maxUnknownFrames = 5 }, abuse: .unknownFrameFlood),
    Flood(frame: frame(255), limit: { $0.maxUnknownFrames = 5 }, abuse: .unknownFrameFlood),
    Flood(
      frame: frame(HTTP2Frame.data, flags: HTTP2Frame.padded, length: 9, padding: 9), limit: { $0.maxEmptyData = 5 },
      abuse: .emptyDataFlood),
    Flood(frame: frame(HTTP2Frame.data, length: 1), limit: { $0.maxTinyData = 5 }, abuse: .tinyDataFlood),
    Flood(frame: frame(HTTP2Frame.data, length: 63), limit: { $0.maxTinyData = 5 }, abuse: .tinyDataFlood),
  ]

  static func frame(_ type: UInt8, flags: UInt8 = 0, length: Int = 0, padding: Int = 0) -> HTTP2Frame {
    HTTP2Frame(length: length, type: type, flags: flags, streamID: 1, paddingBytes: padding)
  }

  private func budgets(_ change: (inout HTTP2Limits) -> Void) -> HTTP2AbuseBudgets {
    var limits = HTTP2Limits()
    change(&limits)
    return HTTP2AbuseBudgets(limits: limits, now: .uptimeNanoseconds(0))
  }

  @Test(arguments: floods) func allowsTheLimitAndRefusesOneMore(_ flood: Flood) {
    var budgets = budgets(flood.limit)
    for _ in 0..<5 { #expect(budgets.charge(flood.frame) == nil) }
    let excess = budgets.charge(flood.frame)
    #expect(excess == HTTPExcess(abuse: flood.abuse, count: 6, limit: 5))
    #expect(excess?.description == "\(flood.abuse.rawValue): 6 exceeds the limit of 5")
  }

  @Test(arguments: floods.filter { $0.abuse != .continuationFlood })
  func countsAnewInTheNextWindow(_ flood: Flood) {
    var budgets = budgets(flood.limit)
    for _ in 0..<5 { _ = budgets.charge(flood.frame) }
    budgets.roll(now: .uptimeNanoseconds(0) + .seconds(29))
    #expect(budgets.charge(flood.frame) != nil)
    budgets.roll(now: .uptimeNanoseconds(0) + .seconds(30))
    #expect(budgets.charge(flood.frame) == nil)
  }

  @Test func countsContinuationsOfOneBlockOnly() {
    var budgets = budgets { $0.maxContinuations = 2 }
    for _ in 0..<10 {
      #expect(budgets.charge(Self.frame(HTTP2Frame.headers)) == nil)
      #expect(budgets.charge(Self.frame(HTTP2Frame.continuation)) == nil)
      #expect(budgets.charge(Self.frame(HTTP2Frame.continuation)) == nil)
    }
  }

  @Test func aNewWindowDoesNotForgiveAnOpenBlock() {
    var budgets = budgets { $0.maxContinuations = 2 }
    _ = budgets.charge(Self.frame(HTTP2Frame.continuation))
    _ = budgets.charge(Self.frame(HTTP2Frame.continuation))
    budgets.roll(now: .uptimeNanoseconds(0) + .seconds(31))
    #expect(budgets.charge(Self.frame(HTTP2Frame.continuation)) != nil)
  }

  @Test func doesNotCountWhatIsUseful() {
    var budgets = budgets {
      $0.maxEmptyData = 0
      $0.maxSettings = 0
      $0.maxTinyData = 0
    }
    #expect(budgets.charge(Self.frame(HTTP2Frame.data, flags: HTTP2Frame.endStream)) == nil)
    #expect(budgets.charge(Self.frame(HTTP2Frame.data, flags: HTTP2Frame.endStream, length: 1)) == nil)
    #expect(budgets.charge(Self.frame(HTTP2Frame.data, length: 64)) == nil)
    #expect(budgets.charge(Self.frame(HTTP2Frame.settings, flags: HTTP2Frame.ack)) == nil)
  }

  @Test func anAnswerGivesBackWhatItCosts() {
    var budgets = budgets {
      $0.maxPings = 1
      $0.maxPriorities = 1
      $0.maxUnknownFrames = 1
      $0.maxTinyData = 4
      $0.maxWindowUpdates = 4
      $0.maxUnansweredHeaderBytes = 300
    }
    let frames =
      [HTTP2Frame.ping, HTTP2Frame.priority, 10].map { Self.frame($0) }
      + [Self.frame(HTTP2Frame.headers, length: 100)]
      + (0..<4).flatMap { _ in [Self.frame(HTTP2Frame.data, length: 5), Self.frame(HTTP2Frame.windowUpdate)] }
    for _ in 0..<100 {
      #expect(frames.compactMap { budgets.charge($0) }.isEmpty)
      #expect(budgets.chargeHeaders(200) == nil)
      budgets.creditAnswerFrame()
      budgets.creditAnswer(headerBytes: 200)
    }
  }

  @Test func countsHeaderFieldsAsReceivedAndDecoded() {
    var budgets = budgets { $0.maxUnansweredHeaderBytes = 300 }
    #expect(budgets.charge(Self.frame(HTTP2Frame.headers, length: 50)) == nil)
    #expect(budgets.charge(Self.frame(HTTP2Frame.continuation, length: 50)) == nil)
    #expect(budgets.chargeHeaders(200) == nil)
    #expect(budgets.chargeHeaders(1) == HTTPExcess(abuse: .headerFlood, count: 301, limit: 300))
    #expect(budgets.chargeHeaders(.max) == HTTPExcess(abuse: .headerFlood, count: .max, limit: 300))
  }

  @Test func streamsResetForTheClientsFaultsCountAsItsResets() {
    var budgets = budgets { $0.maxResets = 2 }
    #expect(budgets.charge(Self.frame(HTTP2Frame.resetStream)) == nil)
    #expect(budgets.chargeInducedReset() == nil)
    #expect(budgets.chargeInducedReset() == HTTPExcess(abuse: .rapidReset, count: 3, limit: 2))
  }
}
