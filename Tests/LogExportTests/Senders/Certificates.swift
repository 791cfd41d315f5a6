/// Certificates for tests, valid for a hundred years: an authority and, signed by it, one for the server name
/// `es.internal` and one for a client. Made for tests alone; nothing else trusts them.
enum Certificates {
  static let authority = """
    -----BEGIN CERTIFICATE-----
    MIIBiTCCAS+gAwIBAgIUTASkQcCsiTz+DXIrN22hu0sfA1gwCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIzMDgzMzIxWhgPMjEy
    NjEwMzAwODMzMjFaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
    zj0CAQYIKoZIzj0DAQcDQgAEVZit1EoElmQJQtUhQuKfius1mtFkRhK9uJOdN4Kz
    qMCuF/cL7bS1l+qu3GhXbAvD8UZoNtxH94/AFMCJpUbeIKNTMFEwHQYDVR0OBBYE
    FLcCE1K7VbYyUldxD2ZoRT1AQ6yNMB8GA1UdIwQYMBaAFLcCE1K7VbYyUldxD2Zo
    RT1AQ6yNMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgUh43uEPu
    ETswNHt8jA9hJY2TLBBGjtBfbBU0iYXPsK4CIQDgcMXqGw3pAWSJ+ya/fQFpHVYy
    cceUNjxashUdyUohPw==
    -----END CERTIFICATE-----
    """
  static let server = """
    -----BEGIN CERTIFICATE-----
    MIIBhzCCAS6gAwIBAgIUSZ6L0XWlQvzg8Kuar6Im/mgBnk4wCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIzMDgzMzIyWhgPMjEy
    NjEwMzAwODMzMjJaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49AgEGCCqG
    SM49AwEHA0IABDSQvc7zB699DM0GAIx0KGShfhzZem8A+h39Mi64thAjkt30K2KD
    casln7F8HT7r10BD6P/y6gmq0xr441XGBbejWjBYMBYGA1UdEQQPMA2CC2VzLmlu
    dGVybmFsMB0GA1UdDgQWBBQ6EWdAB7yQ8LTtAKVyxsrIHOZ3UjAfBgNVHSMEGDAW
    gBS3AhNSu1W2MlJXcQ9maEU9QEOsjTAKBggqhkjOPQQDAgNHADBEAiAsu0bwBYla
    NTYb25SExXtm7vxesDaXysW8K08FNOkdoAIgbOTgzBtkJK+apeVCYYeRJ1mBHOe1
    TcENKE3w8De2q0A=
    -----END CERTIFICATE-----
    """
  static let serverKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS81p7slxMdRJ0Hvi
    ccFraBa+2ZHC1HEMMDa/EX2s4mmhRANCAAQ0kL3O8wevfQzNBgCMdChkoX4c2Xpv
    APod/TIuuLYQI5Ld9Ctig3GrJZ+xfB0+69dAQ+j/8uoJqtMa+ONVxgW3
    -----END PRIVATE KEY-----
    """
  static let client = """
    -----BEGIN CERTIFICATE-----
    MIIBJjCBzQIUSZ6L0XWlQvzg8Kuar6Im/mgBnk8wCgYIKoZIzj0EAwIwGTEXMBUG
    A1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIzMDgzMzIyWhgPMjEyNjEwMzAw
    ODMzMjJaMBExDzANBgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqGSM49AwEH
    A0IABMLZXNIVu+MUKU+1UpoDYU2BrkzOMHAF9NOrU4sjxJ8mBbsVTZCALk6faiYP
    0erJB7P+MxTsefTSqvsJa1Pl024wCgYIKoZIzj0EAwIDSAAwRQIgeUNf21Mh3Dt5
    SIsSzFdgW0W6TQS2qDNKLg3vcyaSa/UCIQC1ScTY7P+YWjiQVqJVYtJ1QKpiP3NW
    PvUVgBehUaFfOw==
    -----END CERTIFICATE-----
    """
  static let clientKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWyWln2uXeeawaWwZ
    tEpplSGCumfdb1spAJyNL3706TShRANCAATC2VzSFbvjFClPtVKaA2FNga5MzjBw
    BfTTq1OLI8SfJgW7FU2QgC5On2omD9HqyQez/jMU7Hn00qr7CWtT5dNu
    -----END PRIVATE KEY-----
    """
}
