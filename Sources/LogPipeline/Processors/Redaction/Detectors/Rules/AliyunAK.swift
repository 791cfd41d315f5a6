extension RuleDefinition {
  /// Ids of the access keys of Alibaba Cloud.
  static let aliyunAK = RuleDefinition(
    id: "aliyun_ak", packs: [.default, .secrets],
    triggers: [Trigger("LTAI", anchor: 0) { $0.findAliyunAK($1, $2 &- 4) }])
}

extension MatchFinder {
  mutating func findAliyunAK(_ text: ScannedText, _ start: Int) {
    noteToken(.aliyunAK, text, start, prefix: 4, 12...26) { $0.isAlphanumeric }
  }
}
