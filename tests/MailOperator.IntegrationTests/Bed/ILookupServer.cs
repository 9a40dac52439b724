namespace MailOperator.IntegrationTests.Bed;

/// <summary>A server in which the operator keeps passwords and a mail server looks at each login.</summary>
internal interface ILookupServer
{
    /// <summary>What messages call it.</summary>
    string Kind { get; }

    int Port { get; }

    string OperatorPassword { get; }

    /// <summary>A MailBackend on it whose Secret has its name, for a mail server with the shipped configuration.</summary>
    string BackendYaml(string name, DovecotServer dovecot);

    /// <summary>The operator's credentials.</summary>
    Task CreateSecretAsync(Cluster cluster, string name, string password);

    /// <summary>Gives the operator another password and ends its sessions.</summary>
    Task ChangeOperatorPasswordAsync(string password);

    /// <summary>It takes connections and answers nothing, until it is thawed.</summary>
    Task FreezeAsync();

    Task ThawAsync();

    /// <summary>How many passwords devices of a namespace have in it.</summary>
    Task<int> SlotsAsync(string @namespace);
}
