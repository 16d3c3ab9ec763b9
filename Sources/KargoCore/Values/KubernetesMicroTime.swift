#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A moment in whole microseconds, encoded in UTC as RFC 3339 (`2006-01-02T15:04:05.000000Z`): `metav1.MicroTime`.
///
/// Offsets, and fractions of any length or none, are read; what is beyond microseconds is cut off.
public struct KubernetesMicroTime: Sendable, Hashable {
    /// The microseconds since the beginning of 1970 in UTC, negative before it.
    public let microsecondsSince1970: Int64

    /// Makes the moment of a date, rounded to the microsecond and cut to the years 0 to 9999; a date that is no number
    /// is 1970.
    public init(_ date: Date) {
        microsecondsSince1970 = date.wholeUnits(perSecond: 1_000_000)
    }

    /// Reads the text of RFC 3339.
    ///
    /// - Throws: ``ValueError`` when the text is anything else.
    public init(_ text: String) throws(ValueError) {
        let moment = try RFC3339.moment(text)
        microsecondsSince1970 = moment.seconds * 1_000_000 + moment.microseconds
    }

    /// The moment as a date.
    public var date: Date { Date(timeIntervalSince1970: Double(microsecondsSince1970) / 1_000_000) }
}

extension KubernetesMicroTime: Comparable {
    /// Whether the left moment is the earlier one.
    public static func < (left: KubernetesMicroTime, right: KubernetesMicroTime) -> Bool {
        left.microsecondsSince1970 < right.microsecondsSince1970
    }
}

extension KubernetesMicroTime: CustomStringConvertible {
    /// The text of RFC 3339 in UTC with six digits after the point.
    public var description: String {
        let seconds = RFC3339.floorDivide(microsecondsSince1970, by: 1_000_000)
        return RFC3339.text(seconds: seconds, microseconds: microsecondsSince1970 - seconds * 1_000_000)
    }
}

extension KubernetesMicroTime: Codable {
    /// Decodes the text of RFC 3339.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError(error, at: decoder)
        }
    }

    /// Encodes the moment as its ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
