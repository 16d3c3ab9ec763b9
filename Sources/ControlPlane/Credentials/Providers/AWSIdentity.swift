import KargoCore

/// The identity that AWS gives to the controller's Pod, and roles that it takes on.
struct AWSIdentity: Sendable {
    let cloud: CloudAccess
    let settings: CredentialsSettings.AWS
    /// The region whose token service is asked.
    let region: String

    /// The key of the controller's own role.
    ///
    /// - Throws: ``CredentialsFailure``, `CancellationError`.
    func ownKey() async throws -> AWSSignature.Key {
        if let url = settings.containerCredentialsURL { return try await podIdentityKey(url) }
        guard let role = settings.roleARN, let file = settings.webIdentityTokenFile else {
            throw CredentialsFailure("can't get a key of AWS: the environment names no identity")
        }
        let purpose = "take on the role of the service account"
        let response = try await cloud.send(
            request([
                ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
                ("RoleSessionName", "kargo"), ("WebIdentityToken", try cloud.file(file)),
            ]),
            to: purpose
        )
        return try key(in: response, to: purpose)
    }

    /// The key of a role.
    ///
    /// - Returns: The key; nil if the role may not be taken on.
    /// - Throws: ``CredentialsFailure``, `CancellationError`.
    func key(ofRole name: String, account: String, by key: AWSSignature.Key) async throws -> AWSSignature.Key? {
        let purpose = "take on the role \(name) of the account \(account)"
        let response = try await cloud.send(
            signed(
                [
                    ("Action", "AssumeRole"), ("Version", "2011-06-15"),
                    ("RoleArn", "arn:aws:iam::\(account):role/\(name)"), ("RoleSessionName", String(name.prefix(64))),
                    ("ExternalId", name),
                ],
                key
            ),
            to: purpose
        )
        return response.status == 403 ? nil : try self.key(in: response, to: purpose)
    }

    /// The account that a key belongs to.
    ///
    /// - Throws: ``CredentialsFailure``, `CancellationError`.
    func account(of key: AWSSignature.Key) async throws -> String {
        let purpose = "find out the controller's account of AWS"
        let request = signed([("Action", "GetCallerIdentity"), ("Version", "2011-06-15")], key)
        let response = try await cloud.send(request, to: purpose)
        guard response.status == 200, let account = XMLElements(response.body).first("Account") else {
            throw cloud.refusal(response, to: purpose)
        }
        return account
    }

    private func podIdentityKey(_ url: String) async throws -> AWSSignature.Key {
        let token = try settings.containerTokenFile.map(cloud.file) ?? settings.containerToken
        let purpose = "get a key of AWS from EKS Pod Identity"
        let headers = token.map { [("Authorization", $0)] } ?? []
        let answer = try await cloud.object(.ofMachine(url, headers: headers, timeout: .seconds(5)), to: purpose)
        guard let id = answer["AccessKeyId"]?.stringValue, let secret = answer["SecretAccessKey"]?.stringValue else {
            throw CredentialsFailure("can't \(purpose): there is none in the answer")
        }
        return AWSSignature.Key(id: id, secret: secret, sessionToken: answer["Token"]?.stringValue)
    }

    private func request(_ fields: [(String, String)]) -> CloudRequest {
        CloudRequest(
            "POST",
            "https://sts.\(settings.region ?? region).amazonaws.com/",
            headers: [FormBody.contentType],
            body: FormBody.bytes(fields)
        )
    }

    private func signed(_ fields: [(String, String)], _ key: AWSSignature.Key) -> CloudRequest {
        AWSSignature(key: key, region: settings.region ?? region, service: "sts")
            .sign(request(fields), at: cloud.now())
    }

    private func key(in response: CloudResponse, to purpose: String) throws(CredentialsFailure) -> AWSSignature.Key {
        let answer = XMLElements(response.body)
        guard response.status == 200, let id = answer.first("AccessKeyId"),
            let secret = answer.first("SecretAccessKey")
        else { throw cloud.refusal(response, to: purpose) }
        return AWSSignature.Key(id: id, secret: secret, sessionToken: answer.first("SessionToken"))
    }
}
