# By the id of the association, where the server lists connection environments:
terraform import dataconn_omni_connection_environment.prod 7c9e6679-7425-40de-944b-e07fc1f90ae7

# Everywhere: <base connection>/<connection>/<association>
terraform import dataconn_omni_connection_environment.prod 550e8400-e29b-41d4-a716-446655440000/6ba7b810-9dad-41d1-80b4-00c04fd430c8/7c9e6679-7425-40de-944b-e07fc1f90ae7
