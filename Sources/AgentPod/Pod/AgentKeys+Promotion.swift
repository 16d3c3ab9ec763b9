public import KargoCore
import StepPluginRegistry

/// What a Promotion says about its Pod and its plugins counts only if a controller has written it: whoever may create or
/// patch Promotions can write annotations.
extension AgentKeys {
    private static let codeField = "mac"

    /// An annotation that can be told from what others write.
    ///
    /// - Parameters:
    ///   - text: A JSON object.
    ///   - annotation: The name of the annotation.
    ///   - uid: The UID of the Promotion.
    /// - Returns: The object, with a message authentication code of it for this annotation of this Promotion.
    /// - Throws: `JSONValue.SyntaxError` if the text is no JSON.
    public func sealed(_ text: String, as annotation: String, of uid: String) throws -> String {
        var value = try JSONValue(parsing: text)
        value[Self.codeField] = .string(code(current, value, annotation, uid))
        return value.text()
    }

    /// A Promotion without what it says about its Pod and its plugins that nobody with one of these keys has written.
    ///
    /// That it runs without either may be said by anybody: it gives nobody anything.
    ///
    /// - Parameter promotion: The Promotion as it is stored.
    /// - Returns: The Promotion as it is to be taken.
    /// - Throws: `FieldError` if its steps have begun already, by what can't be known any more.
    public func trusted(_ promotion: Promotion) throws(FieldError) -> Promotion {
        var result = promotion
        for annotation in [KargoAPI.Annotation.engine, KargoAPI.Annotation.agentPod] {
            guard let text = promotion.metadata.annotations[annotation],
                !isSealed(text, as: annotation, of: promotion.metadata.uid)
            else { continue }
            if annotation == KargoAPI.Annotation.engine, (try? EnginePin(promotion))?.engine == .local { continue }
            guard promotion.status.stepExecutionMetadata.isEmpty else {
                throw FieldError(
                    path: FieldPath("metadata", "annotations", annotation),
                    message: "was not written by a controller that has this one's key; promote again"
                )
            }
            result.metadata.annotations[annotation] = nil
        }
        return result
    }

    private func isSealed(_ text: String, as annotation: String, of uid: String) -> Bool {
        guard var value = try? JSONValue(parsing: text), let given = value[Self.codeField]?.stringValue else {
            return false
        }
        value[Self.codeField] = nil
        return [current, previous].compactMap(\.self)
            .contains { Digest.isEqual(Array(code($0, value, annotation, uid).utf8), Array(given.utf8)) }
    }

    private func code(_ key: [UInt8], _ value: JSONValue, _ annotation: String, _ uid: String) -> String {
        let message = "kargo-promotion/v1\n\(annotation)\n\(uid)\n\(value.text())"
        return Token.base64URL(Digest.hmacSHA256(key: key, message: message.utf8))
    }
}
