import Testing

@testable import OTLPReceiver

@Suite struct RequestFormTests {
  @Test(arguments: [
    ("application/x-protobuf", RequestForm.protobuf), ("application/protobuf", .plainProtobuf),
    ("application/json", .json), ("application/grpc", .grpc), ("application/grpc+proto", .grpc),
    ("application/grpc+json", .grpcUnknown), ("application/grpc+", .grpcUnknown),
  ])
  func namesAreKnown(name: String, form: RequestForm) {
    #expect(RequestForm(contentType: name) == form)
    #expect(RequestForm(contentType: name.uppercased()) == form)
    #expect(RequestForm(contentType: " \(name)\t; charset=utf-8; x=\"a;b\"") == form)
    #expect(RequestForm(contentType: "\(name);") == form)
  }

  @Test(arguments: [
    nil, "", ";", " ", "application/jso", "application/jsonx", "text/plain", "application/grpc-web",
    "application/grpc-web+proto", "application/x-protobuf, application/json", "application / json",
    "application/k\u{13}on",
  ])
  func othersAreNot(name: String?) {
    #expect(RequestForm(contentType: name) == nil)
  }

  @Test func jsonAloneIsJSON() {
    #expect(RequestForm.allCases.filter { $0.bodyEncoding == .json } == [.json])
  }
}
