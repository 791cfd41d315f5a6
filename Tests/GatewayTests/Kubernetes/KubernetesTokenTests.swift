import Testing

@testable import Gateway

@Suite struct KubernetesTokenTests {
  private let token = KubernetesToken(bytes: Array("eyJhbGciOiJSUzI1NiJ9.e30.c2ln".utf8))

  @Test func anyPartOfItIsTold() {
    #expect(token.text == "eyJhbGciOiJSUzI1NiJ9.e30.c2ln")
    for words in ["Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "x eyJhbGci", "e30.c2lny", "…JSUzI1Ni…"] {
      #expect(token.isTold(by: words), "\(words)")
    }
    for words in ["", "pods is forbidden: User \"system:serviceaccount:logs:sluice\"", "eyJhbGc", "0.c2ln"] {
      #expect(!token.isTold(by: words), "\(words)")
    }
  }

  @Test func aShortOneIsToldAsAWhole() {
    let short = KubernetesToken(bytes: Array("abc".utf8))
    #expect(short.isTold(by: "xabcx") && !short.isTold(by: "ab c"))
  }
}
