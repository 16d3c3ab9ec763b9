import KargoCore
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Kubernetes time")
struct KubernetesTimeTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59Z", -1, "1969-12-31T23:59:59Z"),
            ("2006-01-02T15:04:05Z", 1_136_214_245, "2006-01-02T15:04:05Z"),
            ("2026-11-22T19:53:00Z", 1_795_377_180, "2026-11-22T19:53:00Z"),
            ("2000-02-29T12:00:00Z", 951_825_600, "2000-02-29T12:00:00Z"),
            ("2000-03-01T00:00:00Z", 951_868_800, "2000-03-01T00:00:00Z"),
            ("2024-12-31T23:59:59Z", 1_735_689_599, "2024-12-31T23:59:59Z"),
            ("1900-03-01T00:00:00Z", -2_203_891_200, "1900-03-01T00:00:00Z"),
            ("0001-01-01T00:00:00Z", -62_135_596_800, "0001-01-01T00:00:00Z"),
            ("0000-01-01T00:00:00Z", -62_167_219_200, "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", 253_402_300_799, "9999-12-31T23:59:59Z"),
            ("2006-01-02T15:04:05+07:00", 1_136_189_045, "2006-01-02T08:04:05Z"),
            ("2006-01-02T15:04:05-07:30", 1_136_241_245, "2006-01-02T22:34:05Z"),
            ("2006-01-02T15:04:05+00:00", 1_136_214_245, "2006-01-02T15:04:05Z"),
            ("2006-01-02T15:04:05.999999999Z", 1_136_214_245, "2006-01-02T15:04:05Z"),
            ("2006-01-02T15:04:05.1234567890123+01:00", 1_136_210_645, "2006-01-02T14:04:05Z"),
            ("1969-12-31T23:59:59.5Z", -1, "1969-12-31T23:59:59Z"),
        ] as [(String, Int64, String)]
    )
    func `is read and written in UTC`(text: String, seconds: Int64, canonical: String) throws {
        let time = try KubernetesTime(text)
        #expect(time.secondsSince1970 == seconds)
        #expect(time.description == canonical)
        #expect(time.date == Date(timeIntervalSince1970: Double(seconds)))
        #expect(KubernetesTime(time.date) == time)
    }

    @Test(
        arguments: [
            "", "2006", "2006-01-02", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z", "2006-01-02t15:04:05Z",
            "2006-01-02T15:04:05z",
            "2006-1-02T15:04:05Z", "2006-13-02T15:04:05Z", "2006-00-02T15:04:05Z", "2006-01-00T15:04:05Z",
            "2006-01-32T15:04:05Z",
            "2006-02-29T15:04:05Z", "1900-02-29T00:00:00Z", "2006-04-31T15:04:05Z", "2006-01-02T24:00:00Z",
            "2006-01-02T15:60:05Z",
            "2006-01-02T15:04:60Z", "2006-01-02T15:04:05.Z", "2006-01-02T15:04:05.5", "2006-01-02T15:04:05+0700",
            "2006-01-02T15:04:05+07",
            "2006-01-02T15:04:05+24:00", "2006-01-02T15:04:05+07:60", "2006-01-02T15:04:05Z ", " 2006-01-02T15:04:05Z",
            "2006-01-02T15:04:05ZZ",
            "+006-01-02T15:04:05Z", "12006-01-02T15:04:05Z", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
            "٢006-01-02T15:04:05Z",
        ]
    )
    func `anything else is refused`(text: String) {
        #expect(throws: ValueError.self) { try KubernetesTime(text) }
        #expect(throws: ValueError.self) { try KubernetesMicroTime(text) }
    }

    @Test func `every day of four centuries follows the one before`() throws {
        var expected = try KubernetesTime("1999-12-31T00:00:00Z").secondsSince1970
        var wrong: [String] = []
        for year in 2000..<2400 {
            for month in 1...12 {
                for day in 1...31 {
                    let number = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
                    let text = "\(year)-\(number(month))-\(number(day))T00:00:00Z"
                    guard let time = try? KubernetesTime(text) else { continue }
                    expected += 86_400
                    if time.secondsSince1970 != expected || time.description != text { wrong.append(text) }
                }
            }
        }
        #expect(wrong.isEmpty)
        #expect(try KubernetesTime("2399-12-31T00:00:00Z").secondsSince1970 == expected)
    }

    @Test(
        arguments: [
            (0.999, "1970-01-01T00:00:00Z"), (-0.001, "1969-12-31T23:59:59Z"), (.nan, "1970-01-01T00:00:00Z"),
            (.infinity, "9999-12-31T23:59:59Z"), (-.infinity, "0000-01-01T00:00:00Z"), (1e300, "9999-12-31T23:59:59Z"),
        ]
    )
    func `any date can be written`(seconds: Double, text: String) {
        #expect(KubernetesTime(Date(timeIntervalSince1970: seconds)).description == text)
    }

    @Test func `is encoded as text`() throws {
        let time = try KubernetesTime("2026-11-22T19:53:00Z")
        #expect(try JSONValueEncoder().encode(time) == "2026-11-22T19:53:00Z")
        #expect(try JSONValueDecoder().decode(KubernetesTime.self, from: "2026-11-22T20:53:00+01:00") == time)
        let error = #expect(throws: FieldError.self) {
            try JSONValueDecoder().decode(ObjectMeta.self, from: ["creationTimestamp": "yesterday"])
        }
        #expect(
            error?.description == "creationTimestamp: \"yesterday\" is not a time of RFC 3339; "
                + "write for example \"2006-01-02T15:04:05Z\""
        )
    }

    @Test func `is ordered`() throws {
        #expect(try KubernetesTime("2026-01-01T00:00:00Z") < KubernetesTime("2026-01-01T00:00:01Z"))
        #expect(try KubernetesMicroTime("2026-01-01T00:00:00.1Z") < KubernetesMicroTime("2026-01-01T00:00:00.2Z"))
    }

    @Test(
        arguments: [
            ("2026-11-22T19:53:00.123456Z", "2026-11-22T19:53:00.123456Z"),
            ("2026-11-22T19:53:00Z", "2026-11-22T19:53:00.000000Z"),
            ("2026-11-22T19:53:00.5+01:00", "2026-11-22T18:53:00.500000Z"),
            ("2026-11-22T19:53:00.000001999Z", "2026-11-22T19:53:00.000001Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("0000-01-01T00:00:00.000001Z", "0000-01-01T00:00:00.000001Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ]
    )
    func `a time with microseconds keeps them`(text: String, canonical: String) throws {
        let time = try KubernetesMicroTime(text)
        #expect(time.description == canonical)
        #expect(try JSONValueEncoder().encode(time) == .string(canonical))
        #expect(try JSONValueDecoder().decode(KubernetesMicroTime.self, from: .string(canonical)) == time)
    }

    @Test(arguments: [1_795_377_180_123_456, 1_795_377_180_000_001, 1_795_377_180_999_999, 0, 1, -1] as [Int64])
    func `microseconds survive a date`(microseconds: Int64) {
        let date = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
        let time = KubernetesMicroTime(date)
        #expect(time.microsecondsSince1970 == microseconds)
        #expect(KubernetesMicroTime(time.date) == time)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
    func `any date can be written with microseconds`(seconds: Double) throws {
        let time = KubernetesMicroTime(Date(timeIntervalSince1970: seconds))
        #expect(try KubernetesMicroTime(time.description) == time)
    }
}
