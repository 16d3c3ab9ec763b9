#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A moment in whole seconds, encoded in UTC as RFC 3339 (`2006-01-02T15:04:05Z`): `metav1.Time`.
///
/// Offsets and fractions are read; a fraction is cut off.
public struct KubernetesTime: Sendable, Hashable {
    /// The seconds since the beginning of 1970 in UTC, negative before it.
    public let secondsSince1970: Int64

    /// Makes the moment of a date, cut to the second and to the years 0 to 9999; a date that is no number is 1970.
    public init(_ date: Date) {
        secondsSince1970 = date.wholeUnits(perSecond: 1)
    }

    /// Reads the text of RFC 3339.
    ///
    /// - Throws: ``ValueError`` when the text is anything else.
    public init(_ text: String) throws(ValueError) {
        secondsSince1970 = try RFC3339.moment(text).seconds
    }

    /// The moment as a date.
    public var date: Date { Date(timeIntervalSince1970: Double(secondsSince1970)) }
}

extension Date {
    /// The units of a fraction of a second since 1970, cut to what RFC 3339 can write.
    func wholeUnits(perSecond scale: Int64) -> Int64 {
        let seconds = timeIntervalSince1970
        guard !seconds.isNaN else { return 0 }
        let range = RFC3339.secondsRange
        if seconds < Double(range.lowerBound) { return range.lowerBound * scale }
        if seconds >= Double(range.upperBound) { return range.upperBound * scale }
        // Dates of today are exact to a tenth of a microsecond only; cutting would now and then lose a whole one.
        let units = seconds * Double(scale)
        return Int64(scale == 1 ? units.rounded(.down) : units.rounded())
    }
}

extension KubernetesTime: Comparable {
    /// Whether the left moment is the earlier one.
    public static func < (left: KubernetesTime, right: KubernetesTime) -> Bool {
        left.secondsSince1970 < right.secondsSince1970
    }
}

extension KubernetesTime: CustomStringConvertible {
    /// The text of RFC 3339 in UTC.
    public var description: String { RFC3339.text(seconds: secondsSince1970) }
}

extension KubernetesTime: Codable {
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
