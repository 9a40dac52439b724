namespace MailOperator.IntegrationTests.Bed;

/// <summary>A server that stores passwords for the operator and that a mail server queries at each login.</summary>
internal interface ILookupServer
{
    /// <summary>Its name in messages.</summary>
    string Kind { get; }

    int Port { get; }

    string OperatorPassword { get; }

    /// <summary>
    /// A MailBackend that uses it, for a mail server with the shipped configuration. Its Secret has the same name.
    /// </summary>
    string BackendYaml(string name, DovecotServer dovecot);

    /// <summary>The operator's credentials.</summary>
    Task CreateSecretAsync(Cluster cluster, string name, string password);

    /// <summary>Changes the operator's password and ends its sessions.</summary>
    Task ChangeOperatorPasswordAsync(string password);

    /// <summary>Accepts connections but does not answer, until it is thawed.</summary>
    Task FreezeAsync();

    Task ThawAsync();

    /// <summary>Answers queries but takes no changes, like a replica.</summary>
    Task SetReadOnlyAsync(bool isReadOnly);

    /// <summary>The number of passwords of a namespace's devices in it.</summary>
    Task<int> SlotsAsync(string @namespace);
}
