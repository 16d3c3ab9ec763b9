import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds out what the volumes of a Pod are made of.
struct VolumePlanner {
    /// What the Pod may know of itself.
    var downwardAPI: DownwardAPI
    /// What it refers to.
    var references: PodReferences

    /// What a volume is made of.
    ///
    /// - Throws: ``PodBlocker`` for what is missing, and for a kind of volume that this node does not have.
    func content(of volume: Volume) throws(PodBlocker) -> VolumeContent {
        do {
            return try resolve(volume)
        } catch {
            throw .volume(volume.name, error.message, remedy: error.mayComeLater ? .time : .none)
        }
    }

    private struct Problem: Error {
        var message: String
        var mayComeLater = false
    }

    private func resolve(_ volume: Volume) throws(Problem) -> VolumeContent {
        if volume.emptyDir != nil { return .emptyDirectory }
        if let source = volume.hostPath {
            guard source.path.hasPrefix("/"), !source.path.split(separator: "/").contains("..") else {
                throw Problem(message: "hostPath \"\(source.path)\" is not an absolute path without \"..\"")
            }
            return .host(path: source.path, type: source.type ?? "")
        }
        if let source = volume.configMap {
            return .files(
                try files(ofConfigMap: source.name, source.items, source.optional == true, mode(source.defaultMode))
            )
        }
        if let source = volume.secret {
            return .files(
                try files(ofSecret: source.secretName, source.items, source.optional == true, mode(source.defaultMode))
            )
        }
        if let source = volume.downwardAPI { return .files(try files(source.items, mode(source.defaultMode))) }
        if let source = volume.projected {
            var files: [VolumeFile] = []
            for projection in source.sources { files += try self.files(projection, mode(source.defaultMode)) }
            return .files(files)
        }
        throw Problem(message: "type \"\(typeName(volume))\" is not supported on a local cluster")
    }

    private func files(_ projection: VolumeProjection, _ mode: UInt32) throws(Problem) -> [VolumeFile] {
        if let source = projection.configMap {
            return try files(ofConfigMap: source.name, source.items, source.optional == true, mode)
        }
        if let source = projection.secret {
            return try files(ofSecret: source.name, source.items, source.optional == true, mode)
        }
        if let source = projection.downwardAPI { return try files(source.items, mode) }
        if let source = projection.serviceAccountToken {
            guard let token = references.tokens[source] else {
                let account = downwardAPI.pod.spec.serviceAccountName
                throw Problem(
                    message: "serviceaccount \"\(account.isEmpty ? "default" : account)\" not found",
                    mayComeLater: true
                )
            }
            return [VolumeFile(path: try checked(source.path), content: Array(token.utf8), mode: mode)]
        }
        throw Problem(message: "projected source \"\(typeName(projection))\" is not supported on a local cluster")
    }

    private func files(
        ofConfigMap name: String,
        _ items: [KeyToPath],
        _ isOptional: Bool,
        _ mode: UInt32
    ) throws(Problem) -> [VolumeFile] {
        guard let configMap = references.configMaps[name] else {
            if isOptional { return [] }
            throw Problem(message: "configmap \"\(name)\" not found", mayComeLater: true)
        }
        var contents = configMap.data.mapValues { Array($0.utf8) }
        for (key, text) in configMap.binaryData {
            guard let data = Data(base64Encoded: text) else {
                throw Problem(message: "key \"\(key)\" of configmap \"\(name)\" is not base64", mayComeLater: true)
            }
            contents[key] = Array(data)
        }
        return try files(contents, items, isOptional, mode, of: "configmap \"\(name)\"")
    }

    private func files(
        ofSecret name: String,
        _ items: [KeyToPath],
        _ isOptional: Bool,
        _ mode: UInt32
    ) throws(Problem) -> [VolumeFile] {
        guard let secret = references.secrets[name] else {
            if isOptional { return [] }
            throw Problem(message: "secret \"\(name)\" not found", mayComeLater: true)
        }
        var contents: [String: [UInt8]] = [:]
        for key in secret.data.keys {
            do {
                contents[key] = try secret.bytes(forKey: key)
            } catch {
                throw Problem(message: "secret \"\(name)\": \(error.message)", mayComeLater: true)
            }
        }
        return try files(contents, items, isOptional, mode, of: "secret \"\(name)\"")
    }

    private func files(
        _ contents: [String: [UInt8]],
        _ items: [KeyToPath],
        _ isOptional: Bool,
        _ mode: UInt32,
        of owner: String
    ) throws(Problem) -> [VolumeFile] {
        guard !items.isEmpty else {
            return contents.sorted { $0.key < $1.key }.map { VolumeFile(path: $0.key, content: $0.value, mode: mode) }
        }
        var files: [VolumeFile] = []
        for item in items {
            guard let content = contents[item.key] else {
                if isOptional { continue }
                throw Problem(message: "\(owner) has no key \"\(item.key)\"", mayComeLater: true)
            }
            files.append(
                VolumeFile(path: try checked(item.path), content: content, mode: item.mode.map(permissions) ?? mode)
            )
        }
        return files
    }

    private func files(_ items: [DownwardAPIVolumeFile], _ mode: UInt32) throws(Problem) -> [VolumeFile] {
        var files: [VolumeFile] = []
        for item in items {
            var value = ""
            do {
                if let field = item.fieldRef { value = try downwardAPI.field(field.fieldPath) }
                if let resource = item.resourceFieldRef { value = try downwardAPI.resource(resource, of: nil) }
            } catch {
                throw Problem(message: error.message)
            }
            files.append(
                VolumeFile(
                    path: try checked(item.path),
                    content: Array(value.utf8),
                    mode: item.mode.map(permissions) ?? mode
                )
            )
        }
        return files
    }

    private func checked(_ path: String) throws(Problem) -> String {
        let parts = path.split(separator: "/")
        guard !parts.isEmpty, !path.hasPrefix("/"), !parts.contains("..") else {
            throw Problem(message: "path \"\(path)\" is not a relative path without \"..\"")
        }
        return path
    }

    private func mode(_ mode: Int32?) -> UInt32 { mode.map(permissions) ?? 0o644 }

    private func permissions(_ mode: Int32) -> UInt32 { UInt32(truncatingIfNeeded: mode) & 0o777 }

    /// What the manifest calls the kind of a volume.
    private func typeName(_ volume: some Encodable) -> String {
        do {
            let members = try JSONValueEncoder().encode(volume).objectValue ?? [:]
            return members.keys.filter { $0 != "name" }.min() ?? "none"
        } catch {
            return "unknown"
        }
    }
}
